// Logs in and reviews by keyboard in a real browser; looks for accessibility faults with axe; keeps screenshots.
// node review.mjs URL ARTIFACTS-DIRECTORY → TAP
import { chromium } from "playwright-core";
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const [base, out] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(out, { recursive: true });
let tests = 0;
const ok = (good, name, more) => {
	console.log(`${good ? "ok" : "not ok"} ${++tests} - ${name}`);
	if (!good && more) console.log(`# ${String(more).replaceAll("\n", "\n# ")}`);
};
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const errors = [];

async function open(options, user = "ada") {
	const context = await browser.newContext(options);
	context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
	const page = await context.newPage();
	page.on("console", (m) => { if (m.type() === "error") errors.push(`${page.url()}: ${m.text()}`); });
	page.on("pageerror", (e) => errors.push(`${page.url()}: ${e}`));
	await page.goto(`${base}/login`);
	await page.focus("#username");
	await page.keyboard.type(user);
	await page.keyboard.press("Tab");
	await page.keyboard.type("demo");
	await Promise.all([page.waitForURL(`${base}/`), page.keyboard.press("Enter")]);
	return page;
}

async function faults(page) {
	await page.evaluate(`${axe}; 0`).catch(() => {});
	const found = await page.evaluate(async () => {
		const result = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
		return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
	});
	return found.join("\n");
}

// ---- by keyboard
const page = await open({ viewport: { width: 1280, height: 900 }, bypassCSP: false });
ok(await page.locator("h1").innerText() !== "", "logged in with the keyboard alone");
await page.keyboard.press("g");
await Promise.all([page.waitForURL(/\/review/), page.keyboard.press("r")]);
ok(true, "g r leads to Review");
const waiting = async () => Number((await page.locator("h1 .muted").innerText()).replace(/\D/g, ""));
// Does something that changes how many wait, and waits until the page says so.
async function changing(what) {
	const n = await waiting();
	await what();
	await page.waitForFunction((before) => Number(document.querySelector("h1 .muted").innerText.replace(/\D/g, "")) !== before, n);
}
const before = await waiting();
ok(before > 3, `${before} proposals wait`);
const selected = () => page.locator(".desk [data-proposal]").getAttribute("data-proposal");
const first = await selected();
await page.keyboard.press("j");
await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal !== id, first);
const second = await selected();
ok(second !== first, "j shows the next card beside its mail");
await page.keyboard.press("k");
await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal === id, first);
ok(await selected() === first, "k goes back");
await page.screenshot({ path: `${out}/review.png` });
await changing(() => page.keyboard.press("a"));
ok(await waiting() === before - 1, "a countersigns");
ok((await page.locator(".toast").innerText()).includes("Countersigned"), "and the page says so");
ok(await page.locator(".toasts[role=status] .toast").count() === 1, "also to who hears it");
ok(Number(await page.locator(".side a[data-key=review] .badge").innerText()) === before - 1, "and the sidebar counts one less");
ok(await selected() === second, "and moves on to the next card");
await page.keyboard.press("d");
await page.keyboard.type("not worth a line");
await changing(() => page.keyboard.press("Enter"));
ok(await waiting() === before - 2, "d and a reason dismiss");
await changing(() => page.keyboard.press("u"));
ok(await waiting() === before - 1 && await selected() === second, "u takes it back, and its card stands there again");
await page.keyboard.press("s");
await changing(() => page.keyboard.press("Enter"));
ok(await waiting() === before - 2 && (await page.locator(".toast").innerText()).includes("Put off"), "s and Enter put off");
await changing(() => page.keyboard.press("u"));
await page.keyboard.press("s");
await page.keyboard.press("Escape");
ok(await page.locator("details[data-act=snooze][open]").count() === 0, "Esc closes what s opened");
await page.evaluate(() => { document.body.dataset.keys = "off"; });
await page.keyboard.press("a");
await page.keyboard.press("j");
ok(await selected() === second && await waiting() === before - 1, "single keys that are switched off do nothing");
await page.evaluate(() => { document.body.dataset.keys = "on"; });

// several at once
await page.keyboard.press("x");
await page.keyboard.press("j");
await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal !== id, second);
await page.keyboard.press("x");
ok((await page.locator("[data-picked]").innerText()) === "2 selected", "x selects");
await page.screenshot({ path: `${out}/review-selected.png` });
await Promise.all([page.waitForURL(/\/review\/batch/), page.locator("#batch button[value=dismiss]").click()]);
ok(await page.locator("ol.batch-items > li code").count() === 2, "what will happen is shown first, with the hashes");
await page.screenshot({ path: `${out}/review-batch.png`, fullPage: true });
await page.fill("#reason", "Nothing to record");
await page.locator(".batch-go button.primary").click();
ok((await page.locator("h1").innerText()) === "2 done", "then what became of each");
await page.screenshot({ path: `${out}/review-result.png` });
await page.keyboard.press("Escape");
await page.waitForURL(/\/review(\?|$)/);
ok(await waiting() === before - 3, "and both are decided");

// open, and back
const here = await selected();
await Promise.all([page.waitForURL(/\/review\/\d+\?/), page.keyboard.press("o")]);
await Promise.all([page.waitForURL(/\/review(\?|$)/), page.keyboard.press("Escape")]);
ok(await selected() === here, "o opens a card, Esc leads back to it");
await Promise.all([page.waitForURL(/\/edit\?/), page.keyboard.press("e")]);
await page.fill("#f-subject", "Said by hand");
await Promise.all([page.waitForURL(/\/review\?.*decided=\d+$/), page.locator(".form button.primary").click()]);
ok(await waiting() === before - 4, "e edits, then countersigns");

// twenty, as in the morning
const start = Date.now();
let decided = 0;
for (let left = await waiting(); decided < 20 && left > 2; decided++, left--) {
	const card = await selected();
	if (decided % 5 === 4) {
		await page.keyboard.press("d");
		await changing(() => page.keyboard.press("Enter"));
	} else {
		await changing(() => page.keyboard.press("a"));
	}
	if (await page.locator("[role=alert]").count()) break;
	await page.waitForFunction((id) => document.querySelector(".desk [data-proposal]")?.dataset.proposal !== id, card);
}
ok(decided >= 10, `${decided} decided with one or two keys each, in ${Date.now() - start} ms`);
await page.goto(`${base}/review/${first}`);
const result = await page.locator("a", { hasText: "See what came of it" }).getAttribute("href");
await page.goto(base + result);
const contact = await page.locator("dd a[href^='/contacts/']").first().getAttribute("href");
await page.goto(base + contact);
ok(await page.locator(`ol.timeline a[href="${result}"]`).count() === 1, "it stands on the contact's timeline");
await page.keyboard.press("?");
ok(await page.locator("dialog#keys[open]").count() === 1, "? shows the keys");
await page.keyboard.press("Escape");

// ---- the frame: what it is told it remembers, and what it opens it closes
await page.goto(`${base}/contacts`);
const folded = () => page.evaluate(() => document.documentElement.dataset.sidebar === "narrow");
await page.locator("[data-fold]").click();
ok(await folded(), "the sidebar folds");
await page.reload();
ok(await folded() && await page.locator("[data-fold]").getAttribute("aria-expanded") === "false", "and is folded on the next page");
await page.locator("[data-fold]").click();
ok(!await folded(), "and unfolds");
const menus = page.locator("details.menu[open]");
await page.locator("details.menu summary").first().click();
ok(await menus.count() === 1 && await page.locator("details.menu a[href='/contacts/new']").isVisible(), "the create menu opens");
await page.screenshot({ path: `${out}/menu-create.png` });
await page.keyboard.press("Escape");
ok(await menus.count() === 0, "Esc closes it");
await page.locator("details.menu summary").last().click();
await page.screenshot({ path: `${out}/menu-user.png` });
await page.locator("main").click({ position: { x: 2, y: 2 } });
ok(await menus.count() === 0, "a click elsewhere closes a menu");
for (const theme of ["dark", "light", "system"]) {
	await page.locator("details.menu summary").last().click();
	await Promise.all([page.waitForNavigation(), page.locator(`button[name=theme][value=${theme}]`).click()]);
	ok(new URL(page.url()).pathname === "/contacts", `${theme}: back on the same page`);
	ok(await page.locator(`button[name=theme][value=${theme}]`).getAttribute("aria-pressed") === "true" &&
		await page.locator("button[name=theme][aria-pressed=true]").count() === 1, `${theme}: the one choice that is marked`);
}
await page.selectOption("#sort", "-last_touch");
await page.waitForURL(/sort=-last_touch/);
ok(await page.locator("th[aria-sort]").count() === 1 && await page.locator("th[aria-sort=descending]").innerText().then((t) => t.startsWith("Last touch")),
	"the sorted column says so");
const head = page.locator("th[aria-sort] a");
await Promise.all([page.waitForURL(/sort=last_touch/), head.click()]);
ok(await page.locator("th[aria-sort=ascending]").innerText().then((t) => t.startsWith("Last touch")), "a click on its head turns it round");
await Promise.all([page.waitForURL(/sort=name/), page.locator("th a", { hasText: "Name" }).click()]);
ok(await page.locator("th[aria-sort=ascending]").innerText().then((t) => t.startsWith("Name")), "and one on another sorts by that");

// ---- the menu, which is on no page by itself (t/50-looks.t has the pages)
const wide = { width: 1280, height: 900 }, narrow = { width: 360, height: 740 };
for (const [name, options] of Object.entries({ light: { viewport: wide, colorScheme: "light" }, dark: { viewport: wide, colorScheme: "dark" },
	phone: { viewport: narrow, colorScheme: "light" }, "phone-dark": { viewport: narrow, colorScheme: "dark" } })) {
	const p = await open({ ...options, bypassCSP: true }, "ada");
	await p.goto(`${base}/nowhere`); // nothing to press lies half below the open menu here
	await p.locator("details.menu summary").last().click();
	const bad = await faults(p);
	ok(bad === "", `${name}: axe finds nothing in the open menu`, bad);
	await p.screenshot({ path: `${out}/menu-${name}.png` });
	await p.context().close();
}

// ---- a thumb reaches the decision
const thumb = await open({ viewport: narrow }, "ada");
await thumb.goto(`${base}/review`);
const button = await thumb.locator(".desk form[data-act=approve] button").boundingBox();
ok(button.height >= 44 && button.y + button.height <= narrow.height, "on a phone Countersign is in reach without scrolling, and large");
for (const what of ["a[data-act=edit]", "form[data-act=dismiss] button", "details[data-act=snooze] summary"]) {
	const box = await thumb.locator(`.desk ${what}`).boundingBox();
	ok(box.height >= 44 && box.width >= 44, `and so is ${what}`);
}
await thumb.locator(".desk details[data-act=snooze] summary").click();
const small = (selector) => thumb.locator(selector).evaluateAll((all) => all.map((e) => [e.innerText || e.name, e.getBoundingClientRect()])
	.filter(([, box]) => box.height < 44 || box.width < 44).map(([name, box]) => `${name}: ${box.width} x ${box.height}`).join(", "));
ok(await thumb.locator(".desk form[data-act=later] button").count() === 3, "Not now offers three ways");
const later = await small(".desk form[data-act=later] :is(button, input[type=date])");
ok(later === "", "each large enough for a thumb", later);
await thumb.locator(".queue .pick input").first().check();
ok(await thumb.locator("#batch button").count() === 2, "what is selected can be decided together");
const together = await small("#batch :is(button, label)");
ok(together === "", "by buttons as large", together);
const order = await thumb.evaluate(() => [".desk .proposal", ".desk .message", ".queue"].map((s) => document.querySelector(s).getBoundingClientRect().top));
ok(order[0] < order[1] && order[1] < order[2], "first the card, then its mail, then the queue");
await thumb.context().close();

// ---- without a script
const plain = await browser.newContext({ javaScriptEnabled: false });
const q = await plain.newPage();
await q.goto(`${base}/login`);
await q.fill("#username", "grace");
await q.fill("#password", "demo");
await q.click("button.primary");
await q.goto(`${base}/review`);
const left = await q.locator("h1 .muted").innerText();
await q.locator(".desk form[data-act=approve] button").click();
ok(await q.locator("h1 .muted").innerText() !== left, "without a script the form countersigns");
ok(await q.locator(".toast").count() === 1, "and says so");
await q.locator(".toast button").click();
ok(await q.locator("h1 .muted").innerText() === left, "and undoes");
await q.locator(".desk details[data-act=snooze] summary").click();
await q.locator(".desk form[data-act=later] button").first().click();
ok((await q.locator(".toast").innerText()).includes("Put off"), "and puts off");
await q.locator(".queue .pick input").first().check();
await q.locator("#batch button[value=approve]").click();
ok(await q.locator("ol.batch-items > li").count() === 1, "and selects");

ok(errors.filter((e) => !/40[49]/.test(e)).length === 0, "no error in the browser's console", errors.join("\n"));
console.log(`1..${tests}`);
await browser.close();
