// Review by thumb, at phone width and without a keyboard: what comes next is seen without scrolling for it.
// node thumb.mjs URL → TAP
import { launch, ok } from "./tap.mjs";

const [base] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
const page = await context.newPage();
await page.goto(`${base}/login`);
await page.fill("#username", "ada");
await page.fill("#password", "demo");
await Promise.all([page.waitForURL(`${base}/`), page.locator("button.primary").tap()]);
await page.goto(`${base}/review`);

const card = () => page.locator(".desk [data-proposal]").getAttribute("data-proposal");
const other = (than) => page.waitForFunction((id) => { const at = document.querySelector(".desk [data-proposal]")?.dataset.proposal; return at && at !== id; }, than);
// What of these is not wholly in the window.
const hidden = (...all) => page.evaluate((list) => list.filter((what) => {
	const box = document.querySelector(what)?.getBoundingClientRect();
	return !box || !box.height || box.top < 0 || box.bottom > innerHeight;
}).map((what) => `${what} ${document.querySelector(what)?.getBoundingClientRect().top}`).join(", ") + (list.length ? "" : "none"), all);
const NEXT = [".desk h2", ".desk form[data-act=approve] button"];

let bad = [], toasts = [];
for (let i = 0; i < 4; i++) {
	const was = await card();
	await page.locator(".desk form[data-act=approve] button").tap();
	await other(was);
	bad.push(await hidden(...NEXT));
	toasts.push(await hidden(".toasts .toast", ".toasts [data-act=undo] button"));
}
ok(bad.every((b) => !b), "after Countersign the next card is in view from its title on, with its button", bad.join("\n"));
ok(toasts.every((b) => !b), "and so is what was done, with the way back", toasts.join("\n"));

const before = await card();
await page.locator(".toasts [data-act=undo] button").tap();
await other(before);
ok(await hidden(...NEXT) === "", "what is taken back stands there again", await hidden(...NEXT));

const top = await card(), row = page.locator(".queue a[data-item]").nth(6);
await row.scrollIntoViewIfNeeded();
ok(await hidden(".desk h2") !== "", "far down in the queue the card is out of sight");
await row.tap();
await other(top);
ok(await hidden(...NEXT) === "", "a row that is tapped brings its card into view", await hidden(...NEXT));
await page.locator(".desk details[data-act=snooze] summary").scrollIntoViewIfNeeded();
await page.locator(".desk details[data-act=snooze] summary").tap();
const late = await card();
await page.locator(".desk form[data-act=later] button").first().tap();
await other(late);
ok(await hidden(".toasts .toast", ...NEXT) === "", "so does what follows one that is put off", await hidden(".toasts .toast", ...NEXT));
await browser.close();
