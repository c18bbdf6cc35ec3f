// A field that names records. What is chosen stands beside it, each with a button that takes it away; what is typed is looked
// for in the list of that kind, or among what the page offers: a combobox with its listbox (ARIA Authoring Practices). Without
// a script it stays the field it is, where a name or "Maria Keller #12" is typed, and that is what is sent here too.
"use strict";

function pick(field) {
	const SHOWN = 8;
	const nameOf = (entry) => entry.replace(/ #\d+$/, "");
	const sent = one("input, textarea", field), many = "many" in field.dataset, url = field.dataset.pick;
	const offered = [...field.querySelectorAll("option")].map((o) => ({value: o.value, label: o.label, hint: ""}));
	const input = make("input", {id: sent.id, type: "text", autocomplete: "off", spellcheck: false});
	const popup = make("div", {id: `${sent.id}-found`, hidden: true}), chosen = make("ul"), box = make("div", {className: "picked"}, chosen, input);
	let entries = sent.value.split("\n").map((s) => s.trim()).filter(Boolean), options = [], current = -1, search;

	for (const [name, value] of Object.entries({role: "combobox", "aria-expanded": "false", "aria-controls": popup.id, "aria-autocomplete": "list"})) input.setAttribute(name, value);
	for (const name of ["aria-invalid", "aria-describedby"]) if (sent.hasAttribute(name)) input.setAttribute(name, sent.getAttribute(name));
	popup.setAttribute("role", "listbox");
	popup.setAttribute("aria-label", one("label", field).firstChild.textContent.trim());
	sent.removeAttribute("id");
	sent.hidden = true;
	sent.required = false;
	sent.before(box, popup);

	/* ---- what is chosen ---- */
	function show() {
		chosen.replaceChildren(...entries.map((entry, at) => {
			const away = make("button", {type: "button"}, icon("close"));
			away.setAttribute("aria-label", `Remove ${nameOf(entry)}`);
			away.addEventListener("click", () => { take(at); input.focus(); });
			return make("li", {}, nameOf(entry), away);
		}));
		input.hidden = !many && entries.length > 0;
		write();
	}

	// What is typed and not chosen goes along: the answer says what is wrong with it.
	function write() {
		sent.value = [...entries, input.value.trim()].filter(Boolean).join("\n");
	}

	function take(at) {
		say(`${nameOf(entries[at])} removed`);
		entries.splice(at, 1);
		show();
	}

	function choose(at) {
		const option = options[at];
		if (!many) entries = [];
		if (!entries.includes(option.value)) entries.push(option.value);
		input.value = "";
		close();
		show();
		say(`${option.label} chosen`);
		if (!many) one("button", chosen).focus();
	}

	/* ---- what is found ---- */
	function close() {
		search?.abort();
		popup.hidden = true;
		popup.replaceChildren();
		options = [];
		select(-1);
		input.setAttribute("aria-expanded", "false");
	}

	function select(at) {
		one("[aria-selected=true]", popup)?.setAttribute("aria-selected", "false");
		current = at;
		const option = popup.children[at];
		if (at < 0 || !option) { input.removeAttribute("aria-activedescendant"); return; }
		option.setAttribute("aria-selected", "true");
		option.scrollIntoView({block: "nearest"});
		input.setAttribute("aria-activedescendant", option.id);
	}

	function offer(found) {
		options = found.filter((o) => !entries.includes(o.value)).slice(0, SHOWN);
		popup.replaceChildren(...options.map((o, at) => {
			const option = make("div", {id: `${popup.id}-${at}`}, make("span", {className: "label", textContent: o.label}), make("span", {className: "muted", textContent: o.hint}));
			option.setAttribute("role", "option");
			option.setAttribute("aria-selected", "false");
			option.addEventListener("pointerdown", (e) => { e.preventDefault(); choose(at); });
			return option;
		}));
		popup.hidden = !options.length;
		input.setAttribute("aria-expanded", String(!popup.hidden));
		select(options.length && input.value.trim() ? 0 : -1);
	}

	async function find() {
		const wanted = input.value.trim();
		search?.abort();
		if (!url) { offer(offered.filter((o) => o.label.toLowerCase().includes(wanted.toLowerCase()))); return; }
		search = new AbortController();
		try {
			const reply = await fetch(`${url}?limit=${SHOWN + entries.length}${wanted && `&q=${encodeURIComponent(wanted)}`}`, {signal: search.signal, credentials: "same-origin"});
			if (reply.ok) offer((await reply.json()).data.map((row) => ({value: `${row.name} #${row.id}`, label: row.name, hint: row.organization_name ?? row.email ?? row.domain ?? ""})));
		} catch { /* a newer question took its place, or there is no answer: the whole name can be typed */ }
	}

	// What is below stays to be seen until something is asked for.
	input.addEventListener("click", find);
	input.addEventListener("input", () => { write(); if (input.value.trim()) find(); else close(); });
	input.addEventListener("blur", close);
	input.addEventListener("keydown", (e) => {
		const n = options.length, to = {ArrowDown: (current + 1) % n, ArrowUp: (current + n - (current < 0 ? 0 : 1)) % n}[e.key];
		if (n && to !== undefined) { e.preventDefault(); select(to); }
		else if (e.key === "ArrowDown") { e.preventDefault(); find(); }
		else if (e.key === "Enter" && current >= 0) { e.preventDefault(); choose(current); }
		else if (e.key === "Escape" && !popup.hidden) { e.preventDefault(); e.stopPropagation(); close(); }
		else if (e.key === "Backspace" && !input.value && entries.length) take(entries.length - 1);
	});
	show();
}

for (const field of document.querySelectorAll("[data-pick]")) pick(field);
