// The board of the pipeline: a card is dragged to another stage, or goes there by its menu and the keyboard alone; it is taken
// back; without a script the menu does it.
// node board.mjs URL → TAP
import { launch, ok } from "./tap.mjs";

const [base] = process.argv.slice(2);
const browser = await launch();
const errors = [];
const open = async (options) => {
	const page = await (await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 }, ...options })).newPage();
	page.setDefaultTimeout(120000); // a busy machine is slow, not wrong
	page.on("console", (m) => { if (m.type() === "error") errors.push(m.text()); });
	page.on("pageerror", (e) => errors.push(String(e)));
	await page.goto(`${base}/login`);
	await page.fill("#username", "ada");
	await page.fill("#password", "demo");
	await Promise.all([page.waitForURL(`${base}/`), page.press("#password", "Enter")]);
	await page.goto(`${base}/pipeline`);
	return page;
};
const stage = (page, name) => page.locator(`.board [data-stage="${name}"]`);
const count = async (page, name) => Number(await stage(page, name).locator("h2 .badge").innerText());
const arrives = (page, id, name) => stage(page, name).locator(`li[data-id="${id}"]`).waitFor();

// ---- by dragging
const page = await open();
const card = stage(page, "lead").locator("li").first(), id = await card.getAttribute("data-id"), before = await count(page, "engaged");
await page.evaluate(() => { window.still = true; });
await card.dragTo(stage(page, "engaged").locator("header"));
await arrives(page, id, "engaged");
ok(await count(page, "engaged") === before + 1, "a card is dragged to another stage, whose sum follows");
ok(await page.evaluate(() => window.still), "without another page");
ok(await page.evaluate(() => document.activeElement.closest("li")?.dataset.id) === id, "and has the focus");
ok(/is in engaged now/.test(await page.locator(".toasts .flash").innerText()), "the page says so");
await page.locator(".toasts .flash form button").click();
await arrives(page, id, "lead");
ok(await count(page, "engaged") === before, "and offers to take it back");

// ---- by keyboard
await stage(page, "lead").locator(`li[data-id="${id}"] summary`).focus();
for (const key of ["Enter", "Tab", "Tab"]) await page.keyboard.press(key);
ok(await page.evaluate(() => document.activeElement.value) === "diligence", "its menu has the other stages");
await page.keyboard.press("Enter");
await arrives(page, id, "diligence");
ok(await page.evaluate(() => window.still === undefined), "the page was another since the undo");

// ---- over
await stage(page, "diligence").locator(`li[data-id="${id}"]`).dragTo(page.locator('.archives [data-stage="lost"]'));
await stage(page, "diligence").locator(`li[data-id="${id}"]`).waitFor({ state: "detached" });
ok(await page.locator(`.board li[data-id="${id}"]`).count() === 0, "what is lost leaves the board");

// ---- filtered as one types, the cards can be dragged still
const name = await stage(page, "engaged").locator("li .who a").first().innerText();
await page.fill("#q", name);
await page.waitForFunction(() => document.querySelectorAll(".board li").length === 1);
ok(await page.locator(".board li").getAttribute("draggable") === "true", "what a filter fetched can be dragged");

// ---- without a script
const plain = await open({ javaScriptEnabled: false });
const first = stage(plain, "engaged").locator("li").first(), its = await first.getAttribute("data-id");
await first.locator("summary").click();
await first.locator('button[value="commitment"]').click();
await arrives(plain, its, "commitment");
ok(/is in commitment now/.test(await plain.locator(".toasts .flash").innerText()), "without a script the menu moves it");

ok(errors.length === 0, "the console stays silent", errors.join("; "));
await browser.close();
