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
await Promise.all([page.waitForNavigation(), page.keyboard.press("a")]);
ok(await waiting() === before - 1, "a countersigns");
ok((await page.locator(".flash").innerText()).includes("Countersigned"), "and the page says so");
await page.keyboard.press("d");
await page.keyboard.type("not worth a line");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
ok(await waiting() === before - 2, "d and a reason dismiss");
await Promise.all([page.waitForURL(/\/edit$/), page.keyboard.press("e")]);
await page.fill("#f-subject", "Said by hand");
await Promise.all([page.waitForURL(/\/review$/), page.locator(".form button.primary").click()]);
ok(await waiting() === before - 3, "e edits, then countersigns");
await page.goto(`${base}/review/${first}`);
const result = await page.locator("a", { hasText: "See what came of it" }).getAttribute("href");
await page.goto(base + result);
const contact = await page.locator("dd a[href^='/contacts/']").first().getAttribute("href");
await page.goto(base + contact);
ok(await page.locator(`ol.timeline a[href="${result}"]`).count() === 1, "it stands on the contact's timeline");
await page.keyboard.press("?");
ok(await page.locator("dialog#keys[open]").count() === 1, "? shows the keys");
await page.keyboard.press("Escape");

// ---- every page, for people who see, hear or hold a phone
const paths = ["/", "/review", "/contacts", contact, `${contact}/edit`, "/contacts/new", "/organizations", "/organizations/1", "/investors", "/investors/1",
	"/mail", "/mail/1", "/capture", "/digests", "/digests/1", "/audit", "/admin", result, "/nowhere"];
for (const [name, options] of Object.entries({ light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
	dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }, phone: { viewport: { width: 360, height: 740 }, colorScheme: "light" } })) {
	const p = await open({ ...options, bypassCSP: true }, "ada");
	for (const path of paths) {
		await p.goto(base + path);
		const bad = await faults(p);
		ok(bad === "", `${name} ${path}: axe finds nothing`, bad);
		const wide = await p.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
		ok(!wide, `${name} ${path}: nothing runs out of the window`);
		await p.screenshot({ path: `${out}/${name}${path.replaceAll("/", "_")}.png` });
	}
	await p.context().close();
}

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
ok(await q.locator(".flash").count() === 1, "and says so");

ok(errors.filter((e) => !/404/.test(e)).length === 0, "no error in the browser's console", errors.join("\n"));
console.log(`1..${tests}`);
await browser.close();
