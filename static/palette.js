// Ctrl or Cmd with K: one field to go somewhere, create something, act on what is selected, reopen what was seen lately,
// or find anything. A dialog with a combobox and its listbox (ARIA Authoring Practices). Its entries come from the links
// and forms of the page itself and from /api/search, so it can do nothing that the page cannot.
"use strict";

{
	const SHOWN = 8; // of each group
	const NAMED = /^\/(contacts|organizations|investors|communications|tasks|funds|commitments|opportunities|mail|digests)\/\d+$/;

	/* ---- what was seen lately: in this tab only, forgotten with the login ---- */
	function recent() {
		try { return JSON.parse(sessionStorage.getItem("recent")) ?? []; } catch { return []; }
	}
	if (NAMED.test(location.pathname)) {
		const kind = NAMED.exec(location.pathname)[1], mine = {label: one("h1").innerText, url: location.pathname, icon: kind === "communications" ? "note" : kind};
		try {
			sessionStorage.setItem("recent", JSON.stringify([mine, ...recent().filter((r) => r.url !== mine.url)].slice(0, SHOWN)));
		} catch { /* storage is off: nothing is remembered */ }
	}
	document.addEventListener("submit", (e) => { if (e.target.matches('form[action="/logout"]')) sessionStorage.clear(); });

	/* ---- entries: {label, hint, icon, run} ---- */
	const iconOf = (node) => one("svg use", node)?.getAttribute("href").split("#")[1];
	const words = (node) => [...node.childNodes].filter((n) => !n.matches?.("kbd, .vh, .badge")).map((n) => n.textContent).join(" ").replace(/\s+/g, " ").trim();
	const visit = (url) => () => { location.href = url; };

	function actionsOf(node, about) {
		const all = [];
		for (const b of node.querySelectorAll("form[method=post] button:not([type=button]), a[data-act], a.button")) {
			const label = words(b);
			if (label && !b.closest("details:not([open]), dialog, .filters, .form, .toasts")) all.push({label, hint: about, icon: iconOf(b) ?? "right", run: () => b.click()});
		}
		return all;
	}

	// A form with something to type in is not sent from here; its field gets the focus.
	function fieldsOf(node) {
		return [...node.querySelectorAll("form[data-quick]")].map((form) => ({label: form.dataset.quick, icon: "plus",
			run: () => one("textarea, input:not([type=hidden])", form).focus()}));
	}

	// What is ticked: the buttons that lead on with all of it stand there only while something is.
	function ticked(main) {
		const bar = one("#batch", main), buttons = bar && one(".pick input:checked", main) ? [...bar.querySelectorAll("button:not([hidden])")] : [];
		return buttons.map((b) => ({label: words(b), hint: one("[data-picked]", bar).textContent, icon: "check", run: () => b.click()}));
	}

	function acts(row) {
		const main = document.getElementById("main"), title = one("h1", main)?.innerText;
		if (row) {
			const link = one("a[href]", row), about = link?.innerText;
			return [...(link ? [{label: `Open ${about}`, icon: "right", run: visit(link.href)}] : []), ...actionsOf(row, about)];
		}
		const desk = one(".desk", main);
		const within = desk ? actionsOf(desk, one("h2", desk)?.innerText) : [...main.querySelectorAll(".head, .crumbs")].flatMap((head) => actionsOf(head, title));
		return [...ticked(main), ...within, ...fieldsOf(main)];
	}

	function places() {
		const links = [...document.querySelectorAll(".side a[data-key], .sheet a[href]")];
		return links.map((a) => ({label: words(a), icon: iconOf(a), run: visit(a.href)}))
			.filter((p, i, all) => all.findIndex((other) => other.label === p.label) === i);
	}

	const creatable = () => [...document.querySelectorAll("[data-create] a")].map((a) => ({label: `New ${words(a).toLowerCase()}`, icon: "plus", run: visit(a.href)}));

	/* ---- fuzzy: the letters in their order; beginnings of words and runs count more. Null: does not fit ---- */
	function fit(text, wanted) {
		const t = text.toLowerCase();
		let score = 0, at = -1;
		for (const letter of wanted.toLowerCase().replaceAll(" ", "")) {
			const next = t.indexOf(letter, at + 1);
			if (next < 0) return null;
			score += next === at + 1 ? 3 : next === 0 || /\W/.test(t[next - 1]) ? 2 : 0;
			at = next;
		}
		return score - t.length / 100;
	}

	function best(entries, wanted) {
		if (!wanted) return entries.slice(0, SHOWN);
		return entries.map((entry) => ({entry, score: fit(`${entry.label} ${entry.hint ?? ""}`, wanted)})).filter((x) => x.score !== null)
			.sort((a, b) => b.score - a.score).slice(0, SHOWN).map((x) => x.entry);
	}

	/* ---- the dialog ---- */
	const field = make("input", {id: "palette-q", type: "text", autocomplete: "off", spellcheck: false, maxLength: 200, placeholder: "Find, go, create, act"});
	const listbox = make("div", {id: "palette-list"});
	const count = make("p", {className: "vh", role: "status"});
	const palette = make("dialog", {id: "palette"}, make("label", {className: "vh", htmlFor: "palette-q", textContent: "Find, go, create, act"}), field, listbox, count);
	for (const [name, value] of Object.entries({role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list"})) field.setAttribute(name, value);
	listbox.setAttribute("role", "listbox");
	listbox.setAttribute("aria-label", "Results");
	palette.setAttribute("aria-label", "Command palette");
	document.body.append(palette);

	let entries = [], current = -1, sources = {}, found = [], search;

	function select(at) {
		listbox.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
		current = at;
		const option = listbox.querySelectorAll("[role=option]")[at];
		if (!option) { field.removeAttribute("aria-activedescendant"); return; }
		option.setAttribute("aria-selected", "true");
		option.scrollIntoView({block: "nearest"});
		field.setAttribute("aria-activedescendant", option.id);
	}

	function show(groups) {
		listbox.replaceChildren();
		entries = [];
		for (const [title, members] of groups) {
			if (!members.length) continue;
			const name = `palette-g${entries.length}`, group = make("div", {}, make("div", {id: name, className: "group", textContent: title}));
			group.setAttribute("role", "group");
			group.setAttribute("aria-labelledby", name);
			for (const entry of members) {
				const option = make("div", {id: `palette-o${entries.length}`}, icon(entry.icon ?? "right"), make("span", {className: "label", textContent: entry.label}),
					entry.hint ? make("span", {className: "muted", textContent: entry.hint}) : "");
				option.setAttribute("role", "option");
				option.setAttribute("aria-selected", "false");
				const at = entries.push(entry) - 1;
				option.addEventListener("click", () => run(at));
				option.addEventListener("mousemove", () => { if (current !== at) select(at); });
				group.append(option);
			}
			listbox.append(group);
		}
		count.textContent = `${entries.length} results`;
		select(entries.length ? 0 : -1);
	}

	function run(at) {
		const entry = entries[at];
		if (!entry) return;
		palette.close();
		entry.run();
	}

	// What was found for fewer letters stays as far as it still fits, until the answer to these is there.
	function groups(isFresh = false) {
		const wanted = field.value.trim(), lists = [["Here", best(sources.acts, wanted)], ["Found", isFresh ? found : best(found, wanted)], ["Recent", best(sources.recent, wanted)],
			["Go to", best(sources.places, wanted)], ["Create", best(sources.creatable, wanted)]];
		if (wanted) lists.push(["Search", [{label: `Everything with “${wanted}”`, icon: "search", run: visit(`/search?q=${encodeURIComponent(wanted)}`)}]]);
		return lists;
	}

	async function find() {
		const wanted = field.value.trim();
		search?.abort();
		if (wanted.length < 2) return;
		search = new AbortController();
		try {
			const reply = await fetch(`/api/search?limit=${SHOWN}&q=${encodeURIComponent(wanted)}`, {signal: search.signal, credentials: "same-origin"});
			if (!reply.ok) return;
			const hits = (await reply.json()).data;
			const kept = current > 0 ? entries[current]?.label : null;
			found = hits.map((hit) => ({label: hit.title, hint: hit.kind_label, icon: hit.icon, run: visit(hit.url)}));
			show(groups(true));
			const again = kept ? entries.findIndex((entry) => entry.label === kept) : -1;
			if (again > 0) select(again);
		} catch { /* a newer question took its place, or there is no answer: what the page knows is shown */ }
	}

	function openPalette() {
		const row = document.activeElement?.closest("tr, ul.threads > li");
		sources = {acts: acts(row), recent: recent().filter((r) => r.url !== location.pathname).map((r) => ({...r, run: visit(r.url)})), places: places(), creatable: creatable()};
		field.value = "";
		found = [];
		for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
		palette.showModal();
		show(groups());
	}

	let typed;
	field.addEventListener("input", () => { clearTimeout(typed); show(groups()); typed = setTimeout(find, 100); });
	palette.addEventListener("keydown", (e) => {
		const n = entries.length, to = {ArrowDown: (current + 1) % n, ArrowUp: (current + n - 1) % n, PageDown: Math.min(n - 1, current + SHOWN), PageUp: Math.max(0, current - SHOWN)}[e.key];
		if (n && to !== undefined) { e.preventDefault(); select(to); }
		else if (e.key === "Enter") { e.preventDefault(); run(current); }
	});
	palette.addEventListener("click", (e) => { if (e.target === palette) palette.close(); });
	document.addEventListener("keydown", (e) => {
		if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
			e.preventDefault();
			if (palette.open) palette.close(); else if (!one("dialog[open]")) openPalette();
		}
	});
	for (const button of document.querySelectorAll("[data-palette]")) {
		button.hidden = false;
		button.addEventListener("click", openPalette);
	}
}
