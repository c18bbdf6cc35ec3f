// Lists with a script: j and k or the arrows move, Enter opens, Esc leads back to the same row; filters fetch rows while
// one types; a record opened from a list offers the next and the previous of that list, as it was filtered. What is
// remembered for that are addresses, in this tab only.
"use strict";

{
	const ROWS = "table.list tbody th[scope=row] a, ul.threads > li > a";
	const rowsIn = (page) => [...page.querySelectorAll(ROWS)];
	const here = () => location.pathname + location.search;

	// {rows: [[path of a record, address of its page of the list]], next: address of the next page or null, y, isBack}
	function recall() {
		try { return JSON.parse(sessionStorage.getItem("list")); } catch { return null; }
	}
	function remember(list) {
		try { sessionStorage.setItem("list", JSON.stringify(list)); } catch { /* storage is off: no way back but the browser's */ }
	}
	const pathsOf = (page, address) => rowsIn(page).map((a) => [new URL(a.href).pathname, address]);
	const nextOf = (page) => one(".pager a[rel=next]", page)?.getAttribute("href") ?? null;

	document.addEventListener("click", (e) => {
		const row = e.target.closest?.(ROWS);
		if (row) remember({rows: pathsOf(document, here()), next: nextOf(document), y: scrollY});
	});

	// Where a row is no record of its own: what it leads to, or what can be done with it.
	const stopsIn = () => [...document.querySelectorAll("table.list tbody tr, ul.threads > li")]
		.map((row) => one("th[scope=row] a", row) ?? one("a, button", row)).filter(Boolean);

	function move(by) {
		const rows = stopsIn(), at = rows.findIndex((row) => row.closest("tr, li") === document.activeElement.closest("tr, li"));
		rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
	}

	/* ---- back on the list: where one was ---- */
	function settle() {
		const list = recall();
		if (!list?.isBack) return;
		remember({...list, isBack: false});
		const row = rowsIn(document).find((a) => new URL(a.href).pathname === list.at);
		if (!row) return;
		scrollTo(0, list.y);
		row.focus({preventScroll: true});
		row.scrollIntoView({block: "nearest"});
	}

	/* ---- on a record: its place in the list ---- */
	function place() {
		const list = recall(), at = list ? list.rows.findIndex(([path]) => path === location.pathname) : -1;
		return at < 0 ? null : {list, at};
	}

	function back() {
		const p = place();
		if (!p) return false;
		remember({...p.list, at: location.pathname, isBack: true});
		location.href = p.list.rows[p.at][1];
		return true;
	}

	async function fragment(url) {
		const reply = await fetch(url, {headers: {"X-Fragment": "1"}, credentials: "same-origin"});
		if (!reply.ok) throw new Error(reply.status);
		return new DOMParser().parseFromString(await reply.text(), "text/html");
	}

	async function neighbour(by) {
		const p = place();
		if (!p) return;
		if (by > 0 && p.at + 1 === p.list.rows.length && p.list.next) {
			const address = p.list.next, page = await fragment(address).catch(() => null);
			if (!page) return;
			p.list.rows.push(...pathsOf(page, address));
			p.list.next = nextOf(page);
			remember(p.list);
		}
		const to = p.list.rows[p.at + by];
		if (to) location.href = to[0];
		else say(by > 0 ? "This is the last one" : "This is the first one");
	}

	function offerSteps() {
		const p = place(), crumbs = one(".crumbs");
		if (!p || !crumbs) return;
		const button = (by, name, text) => {
			const b = make("button", {type: "button", className: "quiet", title: text}, icon(name), make("span", {className: "vh", textContent: text}));
			b.disabled = by < 0 ? p.at === 0 : p.at + 1 === p.list.rows.length && !p.list.next;
			b.addEventListener("click", () => neighbour(by));
			return b;
		};
		const count = `${p.at + 1} of ${p.list.rows.length}${p.list.next ? "+" : ""}`;
		crumbs.append(make("span", {className: "steps"}, make("span", {textContent: count}), button(-1, "up", "Previous in the list"), button(1, "down", "Next in the list")));
		const link = one("a", crumbs), address = p.list.rows[p.at][1];
		if (new URL(link.href).pathname === address.split("?")[0]) {
			link.href = address;
			link.addEventListener("click", (e) => { if (!e.ctrlKey && !e.metaKey && back()) e.preventDefault(); });
		}
	}

	/* ---- filters: what follows the form is fetched anew; the form itself, and where one types in it, stays ---- */
	let asked = 0;
	async function refill(form) {
		const fields = [...new FormData(form)].filter(([, value]) => value !== "");
		const url = form.getAttribute("action") + (fields.length ? `?${new URLSearchParams(fields)}` : ""), mine = ++asked;
		const page = await fragment(url).catch(() => null);
		if (mine !== asked) return; // a newer question is on its way
		const fresh = page && one("form.filters", page);
		if (!fresh) { location.href = url; return; }
		while (form.nextSibling) form.nextSibling.remove();
		const rest = [];
		for (let node = fresh.nextSibling; node; node = node.nextSibling) rest.push(node);
		form.after(...rest);
		one(".clear", form)?.remove();
		const clear = one(".clear", fresh);
		if (clear) form.append(clear);
		history.replaceState(null, "", url);
		say(one(".empty", document.getElementById("main"))?.innerText || `${rowsIn(document).length} shown`);
	}

	const filters = one("main > form.filters");
	if (filters) {
		let timer;
		filters.addEventListener("input", (e) => {
			clearTimeout(timer);
			timer = setTimeout(() => refill(filters), e.target.type === "search" ? 150 : 0);
		});
	}

	document.addEventListener("keydown", (e) => {
		const at = document.activeElement, onRow = stopsIn().includes(at), still = e.ctrlKey || e.metaKey || e.altKey || one("dialog[open]");
		if (still || e.defaultPrevented) return;
		const arrow = {ArrowDown: 1, ArrowUp: -1}[e.key], nowhere = at === document.body || at?.id === "main";
		if (arrow && stopsIn().length && (onRow || (nowhere && keysOn(e) && !place() && !one(".queue")))) { e.preventDefault(); move(arrow); return; }
		if (!keysOn(e)) return;
		if (e.key === "Escape") { if (back()) e.preventDefault(); return; }
		const by = {j: 1, k: -1}[e.key];
		if (!by || one(".queue")) return;
		e.preventDefault();
		if (place()) neighbour(by); else move(by);
	});

	settle();
	offerSteps();
}
