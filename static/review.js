// Review by keyboard: the card is swapped instead of the page, and after a decision the next card stands there. Without this
// script all of it works as plain links and forms.
"use strict";

{
	const first = (selector, within = document) => within.querySelector(selector);
	const rows = () => [...document.querySelectorAll(".queue a[data-item]")];
	const boxes = () => [...document.querySelectorAll(".queue .pick input")];
	const row = () => first(".queue a[aria-current]");
	let busy = false; // a key pressed while a card is on its way must not decide on one that nobody has seen

	async function page(url, options = {}) {
		const reply = await fetch(url, {...options, headers: {"X-Fragment": "1"}, credentials: "same-origin"});
		const type = reply.headers.get("Content-Type") || "";
		if (!type.startsWith("text/html") || reply.url.includes("/login")) throw new Error(reply.status);
		return {reply, tree: new DOMParser().parseFromString(await reply.text(), "text/html")};
	}

	// What was just done is said where every page says it; how many wait stands in the sidebar too.
	function tell() {
		const toast = first("main > .toast"), badge = first('.side a[data-key="review"] .badge'), waiting = first("[data-waiting]")?.dataset.waiting;
		if (toast) first(".toasts").replaceChildren(toast);
		if (badge && waiting) badge.textContent = waiting;
	}

	function swap(tree) {
		const filters = first("main > form.filters");
		if (filters) first("form.filters", tree)?.replaceWith(filters); // others listen to this one
		for (const node of [...first("main").childNodes]) if (!node.matches?.("#said")) (node.matches?.(".toasts") ? node.replaceChildren() : node.remove());
		first("main").append(...tree.body.childNodes);
		tell();
	}

	// The card that stands there now is seen from its top: where the queue lies below it, so is what is said above it.
	function reveal() {
		const desk = first(".desk"), queue = first(".queue");
		if (!desk || queue.getBoundingClientRect().top >= desk.getBoundingClientRect().bottom) scrollTo(0, 0);
		else row()?.scrollIntoView({block: "nearest"});
	}

	/* ---- moving: only the card changes, so what is ticked and where the queue is scrolled to stay ---- */
	async function show(link) {
		if (busy) return;
		busy = true;
		try {
			const {reply, tree} = await page(link.href);
			const fresh = first(".desk", tree);
			if (!reply.ok || !fresh) throw new Error(reply.status);
			first(".desk").replaceWith(fresh);
			row()?.removeAttribute("aria-current");
			link.setAttribute("aria-current", "true");
			reveal();
			history.replaceState(null, "", link.href);
		} catch {
			location.href = link.href;
		} finally {
			busy = false;
		}
	}

	function step(by) {
		const all = rows(), at = all.indexOf(row()), next = all[Math.min(all.length - 1, Math.max(0, at + by))];
		if (!next || next === row()) return;
		next.focus({preventScroll: true});
		show(next);
	}

	/* ---- deciding: the form is sent, what comes back takes the page's place ---- */
	async function send(form, button) {
		if (busy) return;
		busy = true;
		const ticked = boxes().filter((box) => box.checked).map((box) => box.name);
		try {
			const body = new URLSearchParams(new FormData(form, button));
			const {reply, tree} = await page(form.getAttribute("action"), {method: "POST", body});
			swap(tree);
			if (reply.ok) history.replaceState(null, "", reply.url);
			for (const box of boxes()) box.checked = ticked.includes(box.name);
			(row() ?? first("main")).focus({preventScroll: true});
			reveal();
		} catch {
			form.submit();
		} finally {
			busy = false;
		}
	}

	document.addEventListener("submit", (e) => {
		if (!first("[data-review]") || !e.target.matches("[data-act=approve], [data-act=dismiss], [data-act=later], [data-act=undo]")) return;
		e.preventDefault();
		send(e.target, e.submitter);
	});

	document.addEventListener("click", (e) => {
		const link = e.target.closest(".queue a[data-item]");
		if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
		e.preventDefault();
		show(link);
	});

	/* ---- selecting many ---- */
	function count() {
		const bar = first("#batch"), all = boxes(), n = all.filter((box) => box.checked).length;
		if (!bar) return;
		first("[data-all]", bar).hidden = all.length < 2;
		first("[data-all] input", bar).checked = n > 0 && n === all.length;
		first("[data-picked]", bar).textContent = n ? `${n} selected` : "Nothing selected";
		for (const button of bar.querySelectorAll("button")) button.hidden = n === 0;
	}

	document.addEventListener("change", (e) => {
		if (e.target.closest("[data-all]")) for (const box of boxes()) box.checked = e.target.checked;
		if (e.target.closest("[data-all], .pick")) count();
	});

	function tick() {
		const box = row() && first(".pick input", row().closest("li"));
		if (!box) return;
		box.checked = !box.checked;
		count();
	}

	/* ---- keys ---- */
	function act(name) {
		const it = first(`[data-act="${name}"]`);
		if (!it) return false;
		if (name === "dismiss") {
			first("input[name=reason]", it).focus();
		} else if (name === "snooze") {
			it.open = !it.open;
			if (it.open) first("button", it).focus();
		} else if (it.tagName === "FORM") {
			it.requestSubmit();
		} else {
			it.click();
		}
		return true;
	}

	function open() {
		if (!row()) return false;
		location.href = row().dataset.show;
		return true;
	}

	function back() {
		const later = first("details[data-act=snooze][open]"), link = first("[data-back]");
		if (later) {
			later.open = false;
			first("summary", later).focus();
		} else if (link) {
			link.click();
		}
		return Boolean(later || link);
	}

	const typing = (e) => e.target.closest("textarea, select, [contenteditable], input:not([type=checkbox])");
	const pressing = (e) => e.target.closest("button, summary, a:not([data-item]), input[type=checkbox]");
	const keys = {
		j: () => step(1), k: () => step(-1), a: () => act("approve"), e: () => act("edit"), d: () => act("dismiss"), s: () => act("snooze"),
		u: () => act("undo"), x: tick, o: open,
	};

	// From a row of the queue, or from nowhere in particular; elsewhere they scroll.
	function arrow(e) {
		const at = document.activeElement, by = {ArrowDown: 1, ArrowUp: -1}[e.key], on = document.body.dataset.keys !== "off";
		if (!by || !row() || !(at.matches(".queue a[data-item]") || (on && (at === document.body || at === first("main"))))) return false;
		step(by);
		return true;
	}

	/* In the capturing phase, before the keys of every page: these letters mean something else here. */
	let after = ""; // a letter after g goes to a page
	document.addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || first("dialog[open]") || first("details.menu[open]")) return;
		const before = after;
		after = e.key;
		let done = false;
		if (e.key === "Escape") done = back();
		else if (arrow(e)) done = true;
		else if (e.key === "Enter" && !pressing(e)) done = first("[data-review]") ? open() : false;
		else if (keys[e.key] && before !== "g" && document.body.dataset.keys !== "off") {
			if (!busy) keys[e.key]();
			done = true;
		}
		if (done) {
			e.preventDefault();
			e.stopPropagation();
		}
	}, true);

	tell();
	count();
	new MutationObserver(count).observe(first("main"), {childList: true}); // filters bring other rows
}
