// A form that cannot be sent, the session being over: what was typed stands in it again after logging in, for who typed it.
// node kept.mjs URL → TAP
import { launch, ok } from "./tap.mjs";

const [base] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
const page = await context.newPage();
async function login(name) {
	await page.fill("#username", name);
	await page.fill("#password", "demo");
	await Promise.all([page.waitForURL((url) => url.pathname !== "/login"), page.click("button.primary")]);
}
const NOTE = "form.composer textarea, .composer textarea";
async function write(text) {
	await page.goto(`${base}/contacts/1`);
	await page.fill(NOTE, text);
	await context.clearCookies();
	await Promise.all([page.waitForNavigation(), page.click(".composer button:has-text('Add note')")]);
}

await page.goto(`${base}/login`);
await login("ada");
await write("A long note\nthat nobody wants to lose");
ok(await page.locator("[data-problem]").count() === 1 && await page.locator("[data-kept]").isVisible(), "a page of the problem says that it is kept");
await Promise.all([page.waitForNavigation(), page.click("[data-login]")]);
await login("ada");
ok(new URL(page.url()).pathname === "/contacts/1", "the way to log in leads back to the form");
ok(await page.inputValue(NOTE) === "A long note\nthat nobody wants to lose", "where it stands again");
ok(await page.locator("main .note:has-text('not saved yet')").isVisible(), "and is said to be not saved yet");
await Promise.all([page.waitForNavigation(), page.click(".composer button:has-text('Add note')")]);
await page.goto(`${base}/contacts/1`);
ok(await page.inputValue(NOTE) === "" && await page.locator("ol.timeline :text('A long note')").count() > 0, "sent, it is on record, and not in the form any more");

await write("For Ada's eyes");
await Promise.all([page.waitForNavigation(), page.click("[data-login]")]);
await login("grace");
ok(await page.inputValue(NOTE) === "", "somebody else finds an empty form");
await page.goto(`${base}/tasks/999999`);
ok(!await page.locator("[data-kept]").isVisible(), "a problem without a form says nothing of the kind");
console.log("1..7");
await browser.close();
