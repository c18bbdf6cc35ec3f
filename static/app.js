// What the pages gain with a script: keys, the queue without reloading, a question before deleting. Without it all of
// this works as plain links and forms.
"use strict";

const places = {h: "home", r: "review", c: "contacts", o: "organizations", i: "investors", m: "mail", d: "digests", u: "audit"};
const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]") || e.ctrlKey || e.metaKey || e.altKey;
const one = (selector, within = document) => within.querySelector(selector);
let waiting = null; // the letter after g

function go(letter) {
	const link = places[letter] && one(`.side a[data-key="${places[letter]}"]`);
	if (link) location.href = link.href;
}

/* ---- the queue: the selected card is fetched and swapped; the address follows ---- */
async function show(link) {
	let page;
	try {
		const reply = await fetch(link.href, {headers: {"X-Fragment": "1"}, credentials: "same-origin"});
		if (!reply.ok) throw new Error(reply.status);
		page = new DOMParser().parseFromString(await reply.text(), "text/html");
	} catch {
		location.href = link.href;
		return;
	}
	const desk = one(".desk"), fresh = one(".desk", page);
	if (!desk || !fresh) { location.href = link.href; return; }
	desk.replaceWith(fresh);
	for (const a of document.querySelectorAll(".queue a[aria-current]")) a.removeAttribute("aria-current");
	link.setAttribute("aria-current", "true");
	link.scrollIntoView({block: "nearest"});
	history.replaceState(null, "", link.href);
}

function step(by) {
	const items = [...document.querySelectorAll(".queue a[data-item]")];
	if (items.length) {
		const at = items.findIndex((a) => a.hasAttribute("aria-current"));
		const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
		if (next) { next.focus(); show(next); }
		return;
	}
	const rows = [...document.querySelectorAll("table.list tbody a, ul.threads a")];
	const at = rows.indexOf(document.activeElement);
	rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

function act(name) {
	const it = one(`[data-act="${name}"]`);
	if (!it) return;
	if (name === "dismiss") {
		const reason = one("input[name=reason]", it);
		reason.focus();
	} else if (it.tagName === "FORM") {
		it.requestSubmit();
	} else {
		it.click();
	}
}

/* ---- help ---- */
function help() {
	let box = one("dialog#keys");
	if (!box) {
		box = document.createElement("dialog");
		box.id = "keys";
		const title = document.createElement("h2");
		title.textContent = "Keys";
		const list = document.createElement("dl");
		list.className = "facts";
		const keys = [["j k", "next, previous"], ["a", "countersign"], ["e", "edit"], ["d", "dismiss (then type a reason, Enter)"],
			["u", "undo the decision"],
			["/", "search"], ["g then h r c o i m d u", "go to a page"], ["?", "this help"], ["Esc", "leave a field, close"]];
		for (const [key, what] of keys) {
			const dt = document.createElement("dt"), kbd = document.createElement("kbd"), dd = document.createElement("dd");
			kbd.textContent = key;
			dt.append(kbd);
			dd.textContent = what;
			list.append(dt, dd);
		}
		const form = document.createElement("form"), close = document.createElement("button");
		form.method = "dialog";
		close.textContent = "Close";
		form.append(close);
		box.append(title, list, form);
		document.body.append(box);
	}
	box.showModal();
}

document.addEventListener("keydown", (e) => {
	const menu = e.key === "Escape" && one("details.menu[open]");
	if (menu) { menu.open = false; one("summary", menu).focus(); return; }
	if (e.key === "Escape" && e.target.closest("input, textarea")) { e.target.blur(); return; }
	if (typing(e)) return;
	if (waiting) {
		waiting = null;
		go(e.key);
		return;
	}
	const keys = {
		j: () => step(1), k: () => step(-1), a: () => act("approve"), e: () => act("edit"), d: () => act("dismiss"), u: () => act("undo"),
		"?": help, "/": () => (one("#q") || one("#find"))?.focus(), g: () => { waiting = true; setTimeout(() => { waiting = null; }, 1500); },
	};
	if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});

/* ---- the frame: menus close by a click elsewhere, the sidebar folds and stays so (early.js) ---- */
document.addEventListener("click", (e) => {
	for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});

const here = one(".side a[aria-current]"), bar = here?.closest("nav");
if (bar && bar.scrollWidth > bar.clientWidth) bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;

const fold = one("[data-fold]");
if (fold) {
	const root = document.documentElement;
	const tell = () => { fold.setAttribute("aria-expanded", String(root.dataset.sidebar !== "narrow")); };
	fold.hidden = false;
	tell();
	fold.addEventListener("click", () => {
		if (root.dataset.sidebar === "narrow") delete root.dataset.sidebar;
		else root.dataset.sidebar = "narrow";
		tell();
		try {
			localStorage.setItem("sidebar", root.dataset.sidebar || "wide");
		} catch { /* storage is off: folded on this page only */ }
	});
}

document.addEventListener("click", (e) => {
	const link = e.target.closest(".queue a[data-item]");
	if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); show(link); }
});

document.addEventListener("submit", (e) => {
	const question = e.target.dataset.confirm;
	if (question && !window.confirm(question)) e.preventDefault();
});

document.addEventListener("change", (e) => {
	if (e.target.matches(".filters select")) e.target.form.requestSubmit();
});
