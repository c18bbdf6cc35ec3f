// What the pages gain with a script: keys, toasts that are said, a sidebar that folds. Without it all of
// this works as plain links and forms.
"use strict";

const places = {h: "home", r: "review", c: "contacts", o: "organizations", i: "investors", l: "pipeline", f: "commitments", t: "tasks", m: "mail", d: "digests", p: "capture", u: "audit", x: "trash",
	s: "admin"};
const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]") || e.ctrlKey || e.metaKey || e.altKey;
const one = (selector, within = document) => within.querySelector(selector);
// Single letters act only while the reader leaves them switched on (/preferences), nothing is being typed, and the page is
// not below a dialog.
const keysOn = (e) => document.body.dataset.keys === "on" && !typing(e) && !one("dialog[open]");
let waiting = null; // the letter after g

/* ---- what the other scripts use too ---- */
function make(tag, properties = {}, ...children) {
	const node = Object.assign(document.createElement(tag), properties);
	node.append(...children);
	return node;
}

function icon(name) {
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
	svg.setAttribute("class", "icon");
	svg.setAttribute("aria-hidden", "true");
	use.setAttribute("href", `${one("svg.icon use").getAttribute("href").split("#")[0]}#${name}`);
	svg.append(use);
	return svg;
}

// Said to who listens to the page.
function say(text) {
	const said = one("#said");
	said.textContent = "";
	setTimeout(() => { said.textContent = text; }, 50);
}

function go(letter) {
	const link = places[letter] && one(`.side a[data-key="${places[letter]}"]`);
	if (link) location.href = link.href;
}

function act(name) {
	const it = one(`[data-act="${name}"]`);
	if (!it) return;
	if (it.tagName === "FORM") {
		it.requestSubmit();
	} else {
		it.click();
	}
}

/* ---- what goes on meanwhile: the part marked data-live follows it; where somebody is in it, it waits ---- */
async function follow() {
	const live = one("[data-live]");
	if (!live) return;
	if (!document.hidden && !live.contains(document.activeElement)) {
		try {
			const reply = await fetch(location.href, {headers: {"X-Fragment": "1"}, credentials: "same-origin"});
			const fresh = reply.ok && one("[data-live]", new DOMParser().parseFromString(await reply.text(), "text/html"));
			if (reply.ok && !fresh) { location.reload(); return; }
			if (fresh) live.replaceChildren(...fresh.childNodes);
		} catch { /* the next time */ }
	}
	setTimeout(follow, 5000);
}
if (one("[data-live]")) setTimeout(follow, 5000);

/* ---- help ---- */
const KEYS = [["Ctrl K", "find, go, create, act"], ["/", "search"], ["j k", "next, previous; in a list the arrows too"], ["Enter", "open"], ["Esc", "back to the list; leave a field; close"],
	["c", "create"], ["e", "edit"], ["i", "edit the first fact of a record where it stands"], ["u", "undo what was just done"], ["g then h r c o l i f t m d u x s p", "Home, Review, Contacts, Organizations, Pipeline, Investors, Commitments, Tasks, Mail, Digests, Audit, Trash, Settings, Capture"],
	["?", "this list"]];
const REVIEW_KEYS = [["a", "countersign"], ["d", "dismiss (then type a reason, Enter)"], ["s", "put off"], ["x", "select, for several at once"],
	["o Enter", "open the card"]];

function help() {
	one("dialog#keys")?.remove();
	const list = make("dl", {className: "facts"});
	for (const [keys, what] of [...KEYS, ...REVIEW_KEYS])
		list.append(make("dt", {}, ...keys.split(" ").flatMap((k) => (k === "then" ? [" then "] : [make("kbd", {textContent: k}), " "]))), make("dd", {textContent: what}));
	const off = document.body.dataset.keys !== "on" && make("p", {className: "hint", textContent: "Keys of one letter are switched off in your preferences."});
	const box = make("dialog", {id: "keys"}, make("h2", {id: "keys-title", textContent: "Keys"}), off || "", list,
		make("form", {method: "dialog"}, make("a", {href: "/preferences", textContent: "Preferences"}), make("button", {textContent: "Close"})));
	box.setAttribute("aria-labelledby", "keys-title");
	document.body.append(box);
	box.showModal();
}

function create() {
	const button = one('.head a.primary[href$="/new"]'), menu = one("details.menu[data-create]");
	if (button) button.click();
	else if (menu) { menu.open = true; one("a", menu).focus(); }
}

document.addEventListener("keydown", (e) => {
	const menu = e.key === "Escape" && one("details.menu[open]");
	if (menu) { menu.open = false; one("summary", menu).focus(); return; }
	if (e.key === "Escape" && e.target.closest("input, textarea") && !e.target.closest("dialog")) { e.target.blur(); e.preventDefault(); return; }
	if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.matches("textarea")) { e.target.form?.requestSubmit(); return; }
	if (!keysOn(e)) return;
	if (waiting) {
		waiting = null;
		go(e.key);
		return;
	}
	const keys = {
		e: () => act("edit"), i: () => act("inplace"), u: () => act("undo"),
		"?": help, c: create, "/": () => (one("#q") || one("#find"))?.focus(), g: () => { waiting = true; setTimeout(() => { waiting = null; }, 1500); },
	};
	if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});

/* ---- the frame: menus close by a click elsewhere, the sidebar folds and stays so (early.js) ---- */
document.addEventListener("click", (e) => {
	for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});

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

// A second click on what is being sent sends nothing.
document.addEventListener("submit", (e) => {
	const form = e.target;
	if (e.defaultPrevented || form.method !== "post") return;
	if (form.dataset.sent) { e.preventDefault(); return; }
	form.dataset.sent = "1";
	setTimeout(() => { delete form.dataset.sent; }, 5000);
});

/* ---- toasts: put in anew, so that a screen reader says them; what cannot be taken back goes away by itself ---- */
function raise(toast) {
	const area = one(".toasts"), close = make("button", {type: "button", className: "quiet"}, icon("close"), make("span", {className: "vh", textContent: "Close"}));
	close.addEventListener("click", () => toast.remove());
	toast.append(close);
	toast.remove();
	setTimeout(() => area.append(toast), 50);
	if (!one("form", toast)) setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 8000);
}
for (const toast of document.querySelectorAll(".toasts .flash")) raise(toast);
