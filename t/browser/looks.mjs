// Every page named in a plan, in light and dark, wide and at phone width: axe finds nothing, nothing runs out of the window
// down to 320 px, the console stays silent, nothing is fetched from elsewhere, each icon is there. Keeps a picture of each.
// node looks.mjs URL ARTIFACTS-DIRECTORY PLAN → TAP; PLAN is JSON:
//   login      [user name, password]: who looks; null: nobody
//   as         name of the one through whose eyes
//   pages      [path, …]; a list among them is looked at filtered to nothing too, unless is_once
//   offers     [path, …]: pages that must offer nothing that writes
//   forms      [path, …]: sent emptied, and looked at as they come back
//   stale      path of a form that is sent as if somebody had saved first
//   forged     path of a form that is sent with another's token
//   late       path of a proposal that is countersigned by a hash that it has no more
//   batch      path of a preview that is countersigned
//   problems   {path: status}
//   gone       path asked for when the session is over
//   paper      {name: path}: printed
import { chromium } from "playwright-core";
import { readFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

const [base, out, json] = process.argv.slice(2);
const plan = JSON.parse(json);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// What a narrow window or the other theme cannot change is looked for once.
const RULES = { "wide-light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "wide-dark": ["color-contrast"],
	"phone-light": ["target-size", "scrollable-region-focusable", "link-in-text-block"] };
const wide = { width: 1280, height: 900 }, phone = { width: 360, height: 740 };
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
let tests = 0;
const ok = (good, name, more) => {
	console.log(`${good ? "ok" : "not ok"} ${++tests} - ${name}`);
	if (!good && more) console.log(`# ${String(more).replaceAll("\n", "\n# ")}`);
};
const file = (name, mode) => `${out}/${name.replaceAll(/[/?=&@]+/g, "_").replace(/^_/, "").slice(0, 60) || "home"}${mode ? `-${mode}` : ""}`;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ reducedMotion: "reduce", viewport: wide });
context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
const page = await context.newPage();
let said = [], outside = [];
page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) said.push(m.text()); });
page.on("pageerror", (e) => said.push(String(e)));
page.on("request", (r) => { if (!r.url().startsWith(`${base}/`) && !r.url().startsWith("data:")) outside.push(r.url()); });

const faults = (rules) => page.evaluate(async (only) => {
	const bars = document.querySelectorAll(".queue .batch"); // what such a bar happens to lie on is reached by scrolling
	for (const bar of bars) bar.style.position = "static";
	const result = await window.axe.run(document, { runOnly: only, resultTypes: ["violations"], iframes: false });
	for (const bar of bars) bar.style.position = "";
	return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
}, rules);
const overflows = () => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
// A sentence in a column of a few letters: nothing runs over, and nobody can read it.
const squeezed = () => page.evaluate(() => [...document.querySelectorAll("main *")].filter((e) => {
	const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join(" "), box = e.getBoundingClientRect();
	return text.length > 30 && box.width > 1 && box.width < 70 && box.height > 100;
}).map((e) => e.textContent.trim().slice(0, 40)));
// Two links on one line with nothing between them are read as one word.
const joined = () => page.evaluate(() => [...document.querySelectorAll("main a + a, main a + span, main span + a, main span + span")].filter((e) => {
	const before = e.previousElementSibling, between = e.previousSibling;
	if (between !== before || getComputedStyle(e, "::before").content !== "none" || !/\S$/.test(before.innerText) || !/^[\p{L}\d]/u.test(e.innerText)) return false;
	const [a, b] = [[...before.getClientRects()].at(-1), e.getClientRects()[0]];
	return a && b && a.height > 2 && b.height > 2 && Math.abs(a.bottom - b.bottom) < 6 && Math.abs(b.left - a.right) < 2;
}).map((e) => `${e.previousElementSibling.innerText}${e.innerText}`.slice(-60)));
const icons = new Set(await (await fetch(`${base}/static/icons.svg`)).text().then((t) => [...t.matchAll(/<symbol id="([\w-]+)"/g)].map((m) => m[1])));

// Some more than fits the window.
async function picture(name, mode) {
	const height = Math.min(1200, await page.evaluate(() => document.documentElement.scrollHeight));
	await page.screenshot({ path: `${file(name, mode)}.jpeg`, type: "jpeg", quality: 75, fullPage: true, clip: { x: 0, y: 0, width: page.viewportSize().width, height } });
}

// What is on the screen now.
async function look(name) {
	const bad = [];
	await page.evaluate(`${axe}; 0`);
	for (const [size, viewport] of Object.entries({ wide, phone })) {
		await page.setViewportSize(viewport);
		for (const colorScheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme });
			const mode = `${size}-${colorScheme}`, rules = RULES[mode];
			if (rules) bad.push(...(await faults(rules)).map((f) => `${mode}: ${f}`));
			if (colorScheme === "light" && await overflows()) bad.push(`${mode}: something runs out of the window`);
			if (colorScheme === "light") bad.push(...(await joined()).map((t) => `${mode}: two words run into one in "${t}"`));
			if (colorScheme === "light") bad.push(...(await squeezed()).map((t) => `${mode}: no room for "${t}"`));
			await picture(name, mode);
		}
	}
	await page.setViewportSize({ width: 320, height: 640 });
	if (await overflows()) bad.push("320 px: something runs out of the window");
	if (await page.locator("h1").count() !== 1) bad.push("it has not one heading");
	if (!/\S · Countersign$/.test(await page.title())) bad.push(`its title is "${await page.title()}"`);
	const used = await page.evaluate(() => [...document.querySelectorAll("svg use")].map((u) => u.getAttribute("href").split("#")[1]));
	bad.push(...[...new Set(used)].filter((i) => !icons.has(i)).map((i) => `there is no icon ${i}`));
	bad.push(...said.map((s) => `console: ${s}`), ...outside.map((o) => `fetched from elsewhere: ${o}`));
	[said, outside] = [[], []];
	await page.setViewportSize(wide);
	await page.emulateMedia({ colorScheme: "light" });
	ok(bad.length === 0, `${name} looks right`, bad.join("\n"));
}

async function go(path, status = 200) {
	const reply = await page.goto(base + path);
	if (reply.status() !== status) ok(false, `${path} answers ${status}`, reply.status());
}

if (plan.login) {
	await page.goto(`${base}/login`);
	await page.fill("#username", plan.login[0]);
	await page.fill("#password", plan.login[1]);
	await Promise.all([page.waitForURL(`${base}/`), page.click("button.primary")]);
}
if (plan.as) {
	await go("/view-as");
	await Promise.all([page.waitForNavigation(), page.click(`text=Look as ${plan.as}`)]);
	ok(await page.locator(".looking").count() === 1, `through the eyes of ${plan.as}`);
}
await page.mouse.move(640, 2); // no row under it
for (const path of plan.pages ?? []) {
	await go(path);
	await look(path);
	if (plan.is_once || await page.locator("main > form.filters input[name=q]").count() === 0 || path.includes("?")) continue;
	await go(`${path}?q=zzzzqqqq`);
	const way = await page.locator("main .empty a[href], main form.filters a.clear").count();
	ok(await page.locator("main .empty").count() > 0 && way > 0, `${path} filtered to nothing says so and leads back`);
	await look(`${path}?q=zzzzqqqq`);
}

const WRITES = "main form[method=post]:not([action='/preferences'])", LEADS = "a[href$='/new'], a[href*='/edit'], a[href*='/merge'], a[href*='/arrange'], a[href*='/same-as']";
const writes = [];
for (const path of plan.offers ?? []) {
	await go(path);
	for (const what of await page.locator(`${WRITES} button, ${LEADS}`).all()) writes.push(`${path}: ${await what.innerText()}`);
}
if (plan.offers) ok(writes.length === 0, `${plan.offers.length} pages offer nothing that writes`, writes.join("\n"));

// Sends the page's form changed, past the browser's own checks.
async function send(path, change) {
	await go(path);
	await page.evaluate((how) => {
		const form = document.querySelector("main form[method=post]:not(.toasts form)");
		form.noValidate = true;
		for (const input of how === "empty" ? form.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea") : []) {
			const isNumber = input.type === "number";
			if (isNumber) input.type = "text";
			input.value = isNumber ? "many" : "";
		}
		for (const box of how === "empty" ? form.querySelectorAll("input[type=checkbox]") : []) box.checked = false;
		const hidden = { stale: ["version", "0"], forged: ["csrf", "0"], late: ["sha256", "0".repeat(64)] }[how];
		if (hidden) form.querySelector(`input[name=${hidden[0]}]`).value = hidden[1];
	}, change);
	await Promise.all([page.waitForNavigation(), page.locator("main form[method=post] button.primary").first().click()]);
}
for (const path of plan.forms ?? []) {
	await send(path, "empty");
	ok(await page.locator("main [role=alert], main [aria-invalid=true]").count() > 0, `${path} sent empty says what is wrong`);
	const unmarked = await page.evaluate(() => [...document.querySelectorAll("main [aria-invalid=true]")].filter((e) => getComputedStyle(e.closest(".picked") ?? e).borderTopWidth !== "2px").map((e) => e.name));
	ok(unmarked.length === 0, `and ${path} marks where`, unmarked.join(" "));
	await look(`${path}-errors`);
}
for (const [change, words] of Object.entries({ stale: "saved this", late: "Nothing was decided", forged: "" })) {
	if (!plan[change]) continue;
	await send(plan[change], change);
	ok((await page.locator("main").innerText()).includes(words), `${plan[change]} ${change}: ${words || "refused"}`);
	await look(`${plan[change]}-${change}`);
}
if (plan.batch) {
	await go(plan.batch);
	await Promise.all([page.waitForNavigation(), page.locator("main form[method=post] button.primary").first().click()]);
	ok(/^\d done/.test(await page.locator("h1").innerText()), "a batch says what it did");
	await look("review-batch-result");
}
for (const [path, status] of Object.entries(plan.problems ?? {})) {
	await go(path, status);
	await look(`${path}-${status}`);
}
for (const [name, path] of Object.entries(plan.paper ?? {})) {
	await go(path);
	await page.setViewportSize({ width: 673, height: 1002 }); // A4 between its margins
	await page.emulateMedia({ media: "print" });
	ok(await page.locator(".side:visible, .top:visible, main button:visible, main .button:visible").count() === 0 && await page.locator("h1").isVisible(), `${name} is printed without what cannot be pressed on paper`);
	ok(await page.locator(".paper").first().isVisible(), `${name} is printed with its date`);
	await picture(`print-${name}`);
	await page.pdf({ path: `${file(`print-${name}`)}.pdf`, preferCSSPageSize: true });
	const sheet = await page.evaluate(() => {
		const bottom = Math.max(...[...document.querySelectorAll("main *")].map((e) => e.getBoundingClientRect().bottom));
		return { spare: document.documentElement.scrollHeight - scrollY - bottom, isCut: [...document.querySelectorAll("main table")].some((t) => t.getBoundingClientRect().right > innerWidth), heads: [...document.querySelectorAll("table.list thead")].map((h) => getComputedStyle(h).display) };
	});
	ok(sheet.spare < 100 && !sheet.isCut && sheet.heads.every((d) => d === "table-header-group"), `${name} is printed with its tables as tables, and ends where its words end`, JSON.stringify(sheet));
	await page.emulateMedia({ media: "screen" });
	await page.setViewportSize(wide);
}
if (plan.gone) {
	await context.clearCookies();
	await go(plan.gone);
	ok(page.url() === `${base}/login?next=${encodeURIComponent(plan.gone)}`, "a session that is over leads to the login and back");
	await look("gone-login");
}
console.log(`1..${tests}`);
await browser.close();
