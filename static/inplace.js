// Facts of a record edited where they stand. The field, what is wrong with it and the page afterwards are the server's: the
// record's form is fetched, one field of it is shown, and the form is sent whole, as the Edit page sends it. Without this
// script there is that page.
"use strict";

{
	let open = null; // {dd, form, rest, first}: rest is the fetched form less the field, first what the field held
	const parsed = async (reply) => new DOMParser().parseFromString(await reply.text(), "text/html");
	const wanted = (dd) => `.field:has([name="${dd.dataset.field}"])`;
	const nameOf = (dd) => dd.previousElementSibling.textContent;
	const valueOf = (form) => JSON.stringify([...new FormData(form)]);
	const button = (dd) => one(":scope > .edit", dd);

	/* ---- the field in the fact's place ---- */
	const enter = (field) => one(".picked li button, input:not([hidden]), textarea:not([hidden]), select", field).focus();

	function put(field) {
		const old = one(".field", open.form);
		if (old) old.replaceWith(field); else open.form.prepend(field);
		one("label", field).classList.add("vh"); // the fact's name stands beside it
		if (field.matches("[data-pick]")) pick(field);
		enter(field);
	}

	function tell(state, ...what) {
		const status = one(".status", open.form);
		status.dataset.state = state;
		status.replaceChildren(...what);
	}

	async function edit(dd) {
		if (open && !close()) return;
		const url = dd.closest("dl").dataset.edit;
		let rest = null;
		try {
			rest = one("form.form", await parsed(await fetch(url, {headers: {"X-Fragment": "1"}, credentials: "same-origin"})));
		} catch { /* the page itself says what is the matter */ }
		const field = rest && one(wanted(dd), rest);
		if (!field) location.href = url;
		if (!field || open) return;
		const status = make("p", {className: "status"}), cancel = make("button", {type: "button", textContent: "Cancel"});
		const form = make("form", {className: "inplace", method: "post"}, make("div", {className: "actions"}, make("button", {className: "primary", textContent: "Save"}), cancel), status);
		status.setAttribute("role", "status");
		form.setAttribute("aria-label", `Edit ${nameOf(dd)}`);
		form.addEventListener("submit", save);
		form.addEventListener("keydown", (e) => { if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); close(true); } });
		cancel.addEventListener("click", () => close(true));
		open = {dd, form, rest};
		one(":scope > .status", dd)?.remove(); // of the time before
		dd.dataset.open = "";
		dd.append(form);
		put(field);
		open.first = valueOf(form);
	}

	// What was typed is thrown away only by who says so.
	function close(anyway = false) {
		if (!anyway && valueOf(open.form) !== open.first) {
			tell("failed", "Save this first, or cancel it.");
			enter(one(".field", open.form));
			return false;
		}
		const {dd, form} = open;
		open = null;
		form.remove();
		delete dd.dataset.open;
		button(dd).focus();
		return true;
	}

	/* ---- saving ---- */
	async function save(e) {
		e.preventDefault();
		if (open.form.dataset.busy) return;
		const mine = open, body = new URLSearchParams([...new FormData(mine.rest), ...new FormData(mine.form)]);
		mine.form.dataset.busy = "1";
		tell("saving", "Saving …");
		let reply = null, page = null;
		try {
			reply = await fetch(mine.rest.getAttribute("action"), {method: "POST", body, credentials: "same-origin"});
			page = await parsed(reply);
		} catch { /* said below */ }
		delete mine.form.dataset.busy;
		if (open !== mine) { if (reply?.ok) location.reload(); return; } // cancelled meanwhile, and yet saved
		if (page && one("dl.facts[data-edit]", page)) saved(page);
		else refused(page);
	}

	function refused(page) {
		const stale = page && one("[data-stale]", page), rest = page && one("form.form", page), field = rest && one(wanted(open.dd), rest);
		if (stale) {
			const again = make("button", {type: "button", textContent: "Reload"});
			again.addEventListener("click", () => location.reload());
			tell("failed", `Not saved: ${stale.textContent} `, again);
			again.focus();
		} else if (field) {
			const own = one(".error", field), why = [...rest.querySelectorAll(".field .error")].map((p) => p.textContent).join("; ") || one(".error", rest)?.textContent;
			open.rest = rest;
			put(field); // away from the rest, which is sent beside it
			tell("failed", own ? "Not saved" : `Not saved: ${why}`);
		} else {
			tell("failed", page ? `Not saved: ${one("main h1", page)?.textContent ?? "log in again"}` : "Not saved: the server does not answer. Try again.");
		}
	}

	// What the page says afterwards takes the place of what it said, but for what is being typed elsewhere in it.
	function saved(page) {
		const name = open.dd.dataset.field, toast = one(".toasts .flash", page);
		open = null;
		for (const part of ["h1", "dl.facts[data-edit]", "[data-history]"]) {
			const fresh = one(`main ${part}`, page);
			if (fresh) one(`main ${part}`)?.replaceWith(fresh);
		}
		document.title = page.title;
		offer();
		const dd = one(`dl.facts[data-edit] [data-field="${name}"]`);
		if (dd) dd.append(make("span", {className: "status", textContent: "Saved"}));
		(dd ? button(dd) : one("dl.facts .edit"))?.focus();
		if (toast) {
			one(".toasts").replaceChildren();
			raise(toast);
		}
	}

	/* ---- what can be edited ---- */
	function offer() {
		const list = one("dl.facts[data-edit]");
		for (const dd of list?.querySelectorAll("[data-field]") ?? []) {
			const pen = make("button", {type: "button", className: "quiet edit", title: `Edit ${nameOf(dd)}`}, icon("edit"), make("span", {className: "vh", textContent: `Edit ${nameOf(dd)}`}));
			const value = make("span", {}, ...dd.childNodes);
			if (!value.textContent.trim()) value.append(make("span", {className: "muted", textContent: "–"}));
			pen.addEventListener("click", () => edit(dd));
			dd.append(value, " ", pen);
			dd.addEventListener("click", (e) => { if (!e.target.closest("a, button, form") && getSelection().isCollapsed && !("open" in dd.dataset)) edit(dd); });
		}
		const first = list && one(".edit", list);
		if (first) first.dataset.act = "inplace";
	}

	offer();
}
