// The pages by keyboard: the palette, lists and the way back, what types and what does not, the switch for single letters.
// node keys.mjs URL → TAP
import { chromium } from "playwright-core";

const [base] = process.argv.slice(2);
let tests = 0;
const ok = (good, name, more) => {
	console.log(`${good ? "ok" : "not ok"} ${++tests} - ${name}`);
	if (!good && more !== undefined) console.log(`# ${more}`);
};
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 700 } })).newPage();
page.setDefaultTimeout(120000); // a busy machine is slow, not wrong
const errors = [];
page.on("console", (m) => { if (m.type() === "error") errors.push(m.text()); });
page.on("pageerror", (e) => errors.push(String(e)));
const press = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
const arrive = (to, ...keys) => Promise.all([page.waitForURL(to), press(...keys)]);
const path = () => new URL(page.url()).pathname + new URL(page.url()).search;
const focused = (what) => page.evaluate((w) => (w === "path" ? new URL(document.activeElement.href ?? "x:").pathname : document.activeElement.id), what);
const palette = page.locator("dialog#palette");

await page.goto(`${base}/login`);
await page.fill("#username", "ada");
await page.fill("#password", "demo");
await Promise.all([page.waitForURL(`${base}/`), page.click("button.primary")]);

// ---- the frame
await press("Tab");
ok(await page.locator(".skip").evaluate((a) => a === document.activeElement && a.getBoundingClientRect().left >= 0), "the first stop is the way past the frame, and it is seen");
await arrive(/\/tasks/, "g", "t");
ok(true, "g t goes to the tasks");
await arrive(/\/tasks\/new/, "c");
ok(true, "c creates what the page is about");
await page.focus("#f-title");
await press("g", "c", "j", "?");
ok(await page.inputValue("#f-title") === "gcj?" && path() === "/tasks/new", "letters typed into a field are text");
await press("Escape");
await press("/");
ok(await focused("id") === "find", "/ leads to the search");

// ---- the palette
await page.goto(`${base}/contacts`);
await press("Control+k");
ok(await palette.isVisible() && await focused("id") === "palette-q", "Ctrl K opens it, in its field");
const combo = await page.locator("#palette-q").evaluate((f) => ({ role: f.getAttribute("role"), list: document.getElementById(f.getAttribute("aria-controls"))?.getAttribute("role"),
	active: document.getElementById(f.getAttribute("aria-activedescendant"))?.getAttribute("aria-selected") }));
ok(combo.role === "combobox" && combo.list === "listbox" && combo.active === "true", "a combobox, its listbox, and the one option that is meant", JSON.stringify(combo));
await press("ArrowDown");
ok(await palette.locator("[aria-selected=true]").count() === 1, "the arrows choose one");
await press("Escape");
ok(!await palette.isVisible(), "Esc closes it");
await press("Control+k");
await page.keyboard.type("nwtask");
ok(await palette.locator("[aria-selected=true]").innerText().then((t) => t.startsWith("New task")), "a few letters in order are enough");
await arrive(/\/tasks\/new/, "Enter");
ok(true, "Enter does it");
await page.goto(`${base}/contacts`);
const name = await page.locator("table.list tbody th a").first().innerText();
await press("Control+k");
await page.keyboard.type(name);
await palette.locator("[role=group]", { hasText: "Found" }).locator("[role=option]", { hasText: name }).first().waitFor();
ok(true, "what the search finds is offered");
await arrive(/\/contacts\/\d+/, "Enter");
ok(await page.locator("h1").innerText() === name, "and opened");
await press("Control+k");
ok(await palette.locator("[role=option]", { hasText: "Add a note" }).count() === 1 && await palette.locator("[role=option]", { hasText: "Edit" }).count() === 1, "what can be done here is offered");
await page.keyboard.type("addanote");
await press("Enter");
ok(await focused("id") === "note", "and done");
await page.goto(`${base}/investors`);
await press("Control+k");
ok(await palette.locator("[role=group]", { hasText: "Recent" }).locator("[role=option]", { hasText: name }).count() === 1, "what was seen is offered again");
await press("Control+k");
await page.goto(`${base}/tasks`);
await press("j", "Control+k");
ok(await palette.locator("[role=option]", { hasText: "Snooze" }).count() === 1, "and what can be done with the row that is selected");
await press("Escape");

// ---- a note, in one step; taken back
await page.goto(`${base}/contacts?kind=prospect`);
await press("j");
const first = await focused("path");
await arrive(`${base}${first}`, "Enter");
await page.fill("#note", "Said by keyboard\nand kept");
await press("Control+Enter");
await page.locator(".toasts .flash").waitFor();
ok(await page.locator("ol.timeline a", { hasText: "Said by keyboard" }).count() === 1, "Ctrl Enter adds the note");

// ---- lists, there and back
const count = await page.locator(".steps").innerText();
ok(/^1 of \d+/.test(count), "a record knows its place in the list", count);
await arrive((u) => u.pathname !== first, "j");
const second = path();
ok(/^2 of/.test(await page.locator(".steps").innerText()), "j leads to the next");
await arrive((u) => u.pathname !== second, "j");
const third = path();
await arrive(`${base}${second}`, "k");
await arrive(`${base}${third}`, "j");
await arrive(/\/contacts\?kind=prospect$/, "Escape");
ok(await focused("path") === third, "Esc leads back to the list as it was filtered, on the row", await focused("path"));
await page.locator("table.list tbody th a").last().focus();
const y = await page.evaluate(() => scrollY), last = await focused("path");
await arrive(`${base}${last}`, "Enter");
await arrive(/\/contacts\?kind=prospect$/, "Escape");
ok(y > 100 && Math.abs(await page.evaluate(() => scrollY) - y) < 5 && await focused("path") === last, "and where one had scrolled to", `${y} ${await page.evaluate(() => scrollY)}`);

// ---- filters fetch rows under the fingers
await page.goto(`${base}/contacts`);
await page.evaluate(() => { window.same = true; });
await page.focus("#q");
await page.keyboard.type(name.split(" ")[0]);
await page.waitForFunction(() => location.search.startsWith("?q="));
ok(await page.evaluate(() => window.same && document.activeElement.id === "q"), "rows change while one types, in the same page");
ok((await page.locator("table.list tbody th a").allInnerTexts()).every((t) => t.toLowerCase().includes(name.split(" ")[0].toLowerCase())), "and fit");
await page.waitForFunction(() => /shown/.test(document.getElementById("said").textContent));
ok(true, "a screen reader hears how many");
await page.keyboard.type("zzzz");
await page.locator(".empty").waitFor();
await page.click(".clear");
await page.waitForURL(`${base}/contacts`);
ok(await page.locator("table.list tbody tr").count() > 5, "nothing fits, and the way out leads back to all");

// ---- a deletion asks nothing and is taken back
await page.locator("table.list tbody th a").first().click();
await page.waitForURL(/\/contacts\/\d+$/);
const doomed = path();
await Promise.all([page.waitForURL(/\/contacts$/), page.locator(".head form button", { hasText: "Delete" }).click()]);
await Promise.all([page.waitForURL(`${base}${doomed}`), page.locator(".toasts button", { hasText: "Undo" }).click()]);
ok(await page.locator("h1").count() === 1, "a deletion is taken back from where it was said");

// ---- what has the focus is seen (WCAG 2.2, 2.4.11): no bar of the frame or of a page lies on all of it
const seen = () => page.evaluate(() => {
	const e = document.activeElement, box = e.getBoundingClientRect();
	if (e === document.body || box.bottom <= 0) return true;
	const x = Math.min(box.x + box.width / 2, innerWidth - 2);
	return [box.y + 2, box.y + box.height / 2, box.bottom - 2].some((y) => {
		const top = document.elementFromPoint(x, y);
		return top && (e.contains(top) || top.contains(e) || top.closest("label")?.control === e);
	});
});
for (const [width, height] of [[360, 640], [1280, 600]]) {
	await page.setViewportSize({ width, height });
	for (const to of ["/review", "/tasks", doomed]) {
		const hidden = [];
		await page.goto(base + to);
		for (let i = 0; i < 120; i++) {
			await press("Tab");
			const strip = await page.evaluate(() => document.activeElement.closest(".filters") !== null); // scrolls sideways
			if (!strip && !await seen()) hidden.push(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80)));
		}
		ok(!hidden.length, `${to.replace(/\d+/, ":id")} at ${width} pixels: nothing covers what has the focus`, hidden.join(" | "));
	}
}
await page.setViewportSize({ width: 1280, height: 700 });

// ---- the same keys on every page
await page.goto(`${base}${doomed}`);
await Promise.all([page.waitForURL(/\/contacts$/), page.locator(".head form button", { hasText: "Delete" }).click()]);
await page.locator(".toasts .flash").waitFor();
await arrive(`${base}${doomed}`, "u");
ok(true, "u takes back what was just done");
await page.goto(`${base}/communications/1`);
await arrive(/\/communications\/1\/edit$/, "e");
ok(true, "e edits a conversation too");
await page.goto(`${base}/contacts`);
await press("?");
await press("j", "c", "g", "t");
await page.waitForTimeout(300);
ok(path() === "/contacts" && await page.locator("dialog#keys").isVisible(), "below the open help no key does anything");
await press("Escape");
await page.locator("dialog#keys[open]").waitFor({ state: "hidden" });
await press("ArrowDown");
const top = await focused("path");
await press("ArrowDown");
ok(/contacts.\d+/.test(top) && await focused("path") !== top, "the arrows move in a list, with no row to begin with", top);
await page.locator("table.list tbody th a").first().click();
await page.waitForURL(/\/contacts\/\d+$/);
await Promise.all([page.waitForURL(/\/contacts$/), page.locator(".head form button", { hasText: "Delete" }).click()]);
const rowAt = () => page.evaluate(() => [...document.querySelectorAll("table.list tbody tr")].indexOf(document.activeElement.closest("tr")));
for (const list of ["/audit", "/trash"]) {
	await page.goto(base + list);
	await press("j");
	const row = await rowAt();
	if (list === "/audit") await press("j");
	ok(row >= 0 && (list !== "/audit" || await rowAt() > row), `j moves in ${list}`, row);
}
await page.goto(`${base}/review`);
const card = () => page.locator(".desk [data-proposal]").getAttribute("data-proposal"), shown = await card();
await press("ArrowDown");
await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal !== id, shown);
await press("ArrowUp");
await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal === id, shown);
ok(true, "the arrows move in Review");
await page.locator(".queue .pick input").nth(0).check();
await page.locator(".queue .pick input").nth(1).check();
await press("Control+k");
ok(await palette.locator("[role=option]", { hasText: "Countersign…" }).filter({ hasText: "2 selected" }).count() === 1, "what is ticked can be acted on from the palette");
await palette.locator("[role=option]", { hasText: "Countersign…" }).click();
await page.waitForURL(/\/review\/batch\?.*action=approve/);
ok(await page.locator("ol.batch-items > li").count() === 2, "with all of it");

// ---- the digest in its frame has the colours of the page, whatever the system's are
for (const [system, theme] of [["light", "dark"], ["dark", "light"], ["dark", "system"], ["light", "system"]]) {
	await page.emulateMedia({ colorScheme: system });
	await page.goto(`${base}/digests/1`);
	await page.locator("details.menu summary").last().click();
	await Promise.all([page.waitForNavigation(), page.locator(`button[name=theme][value=${theme}]`).click()]);
	const sheet = page.frameLocator("iframe.digest").locator("body");
	await sheet.waitFor();
	const colour = await sheet.evaluate((b) => getComputedStyle(b).backgroundColor), want = theme === "system" ? system : theme;
	ok((colour === "rgb(255, 255, 255)") === (want === "light"), `${theme} on a ${system} system: the digest is ${want}`, colour);
}

// ---- the switch
await page.goto(`${base}/preferences`);
await page.check("input[name=keys][value=off]");
await page.click("main button.primary");
await page.waitForFunction(() => document.body.dataset.keys === "off");
await press("g", "t", "c", "j", "/");
ok(path() === "/preferences" && await focused("id") !== "find", "switched off, a letter does nothing");
await press("Control+k");
ok(await palette.isVisible(), "Ctrl K still does");
ok(errors.length === 0, "no error in the console", errors.join(" | "));
console.log(`1..${tests}`);
await browser.close();
