// The board of the pipeline with a script: a card is moved by dragging it, or by its menu, and only the board is fetched
// anew. Without this script the menu does the same, and the page comes again.
"use strict";

{
	const over = (e) => e.target.closest?.("[data-stage]");
	const clear = () => { for (const it of document.querySelectorAll("[data-over]")) delete it.dataset.over; };
	let card = null; // being dragged

	function offer() {
		for (const it of document.querySelectorAll(".board li:has(.move)")) it.draggable = true;
	}

	// The answer to a move is the page as it is then: its board, its sums and its toast take the place of ours.
	async function move(form, stage) {
		const body = new URLSearchParams([...new FormData(form), ["stage", stage]]), id = form.closest("li").dataset.id;
		let page = null;
		try {
			const reply = await fetch(form.action, {method: "POST", body, credentials: "same-origin"});
			page = reply.ok && new DOMParser().parseFromString(await reply.text(), "text/html");
		} catch { /* sent as it would be without us: the browser says what is the matter */ }
		if (!page) {
			form.append(make("input", {type: "hidden", name: "stage", value: stage}));
			form.submit();
			return;
		}
		const board = one("[data-board]");
		if (!one("[data-board]", page)) { location.reload(); return; } // it was the last one
		const at = board.scrollLeft, toast = one(".toasts .flash", page);
		for (const part of ["[data-sums]", "[data-board]"]) {
			const now = one(part), then = one(part, page);
			if (now && then) now.replaceWith(then);
		}
		one("[data-board]").scrollLeft = at;
		offer();
		one(`.board li[data-id="${id}"] a`)?.focus({preventScroll: true});
		if (toast) {
			one(".toasts").replaceChildren();
			raise(toast);
		}
	}

	document.addEventListener("submit", (e) => {
		if (!e.target.closest(".board .move") || !e.submitter) return;
		e.preventDefault();
		move(e.target, e.submitter.value);
	});
	document.addEventListener("dragstart", (e) => {
		card = e.target.closest?.(".board li[draggable=true]") ?? null;
		if (!card) return;
		card.dataset.drag = "";
		e.dataTransfer.effectAllowed = "move";
		e.dataTransfer.setData("text/plain", one("a", card).href);
	});
	document.addEventListener("dragover", (e) => {
		const stage = card && over(e);
		clear();
		if (!stage || stage.contains(card)) return;
		stage.dataset.over = "";
		e.preventDefault();
	});
	document.addEventListener("drop", (e) => {
		const stage = card && over(e), form = card && one(".move form", card);
		if (!stage || stage.contains(card)) return;
		e.preventDefault();
		move(form, stage.dataset.stage);
	});
	document.addEventListener("dragend", () => {
		if (card) delete card.dataset.drag;
		card = null;
		clear();
	});
	new MutationObserver(offer).observe(one("main"), {childList: true}); // filters fetch another board (lists.js)
	offer();
}
