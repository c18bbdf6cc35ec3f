// Fields that name records: found as one types, by keyboard, as chips; the same without a script, by name.
// node pick.mjs URL → TAP
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let tests = 0;
const ok = (good, name, more) => {
	console.log(`${good ? "ok" : "not ok"} ${++tests} - ${name}`);
	if (!good && more !== undefined) console.log(`# ${more}`);
};
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
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
	return page;
};
const page = await open({});
const press = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
const chips = (name) => page.locator(`.field:has(#f-${name}) .picked li`).allInnerTexts();
const options = (name) => page.locator(`#f-${name}-found [role=option]`);
const find = async (name, text, wanted) => {
	await page.focus(`#f-${name}`);
	await page.keyboard.type(text);
	await options(name).first().waitFor();
	await page.waitForFunction(([n, w]) => document.querySelector(`#f-${n}-found [role=option] .label`)?.textContent.startsWith(w), [name, wanted]);
};

// ---- several, looked for in a long list
await page.goto(`${base}/communications/new?contact_id=1`);
const first = (await chips("contact_ids"))[0];
ok(Boolean(first) && !first.includes("#"), "who is named already stands there by name", first);
await page.fill("#f-subject", "Call about the terms");
await find("contact_ids", "marcus", "Marcus");
const combo = await page.locator("#f-contact_ids").evaluate((f) => ({ role: f.getAttribute("role"), open: f.getAttribute("aria-expanded"), list: document.getElementById(f.getAttribute("aria-controls"))?.getAttribute("role"),
	active: document.getElementById(f.getAttribute("aria-activedescendant"))?.getAttribute("aria-selected"), label: f.labels.length }));
ok(combo.role === "combobox" && combo.open === "true" && combo.list === "listbox" && combo.active === "true" && combo.label === 1, "a labelled combobox, open, with the option that is meant", JSON.stringify(combo));
await page.evaluate(`${axe}; 0`);
const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
ok(found.violations.length === 0, "axe finds nothing while it is open", found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`).join("; "));
await press("ArrowDown");
const second = await options("contact_ids").nth(1).locator(".label").innerText();
await press("Enter");
ok((await chips("contact_ids")).join() === [first, second].join(), "the arrows and Enter add one", (await chips("contact_ids")).join());
ok(await options("contact_ids").count() === 0 && page.url().includes("/new"), "and nothing was sent by it");
await find("contact_ids", "marcus", "Marcus");
ok(!(await options("contact_ids").allInnerTexts()).some((o) => o.startsWith(second)), "who is chosen is not offered again");
await press("Escape");
ok(await page.locator("#f-contact_ids-found").isHidden() && await page.inputValue("#f-contact_ids") === "marcus", "Escape closes the list and keeps what was typed");
await page.fill("#f-contact_ids", "");
await press("Backspace");
ok((await chips("contact_ids")).join() === first, "Backspace in the empty field takes the last away");

// ---- several of few, and one of many
await page.click(".field:has(#f-user_ids) .picked li button");
ok((await chips("user_ids")).length === 0, "a chip's button takes it away");
await find("user_ids", "gra", "Grace");
await options("user_ids").first().click();
ok((await chips("user_ids")).join() === "Grace Okafor", "a click chooses, among the few that the page has");
await Promise.all([page.waitForURL(/\/communications\/\d+$/), page.click(".form button.primary")]);
const shown = await page.locator("main").innerText();
ok(shown.includes(first) && shown.includes("Grace Okafor") && !shown.includes(second), "what stood there was sent");

await page.goto(`${base}/tasks/new`);
await page.fill("#f-title", "Send the terms");
await find("contact_id", "marcus", "Marcus");
await press("Enter");
const one = (await chips("contact_id"))[0];
ok(await page.locator("#f-contact_id").isHidden(), "one is enough where one can be named");
ok(await page.evaluate(() => document.activeElement.getAttribute("aria-label")) === `Remove ${one}`, "and the focus is on the way back");
await press("Enter");
ok(await page.locator("#f-contact_id").isVisible() && await page.evaluate(() => document.activeElement.id) === "f-contact_id", "which gives the field again");
await page.keyboard.type("Nobody at all");
await page.click(".form button.primary");
await page.locator("#f-contact_id-e").waitFor();
ok((await page.locator("#f-contact_id-e").innerText()).includes("no record is called Nobody at all"), "what was typed and is nobody is said to be so");
ok((await chips("contact_id")).join() === "Nobody at all", "and is kept");

// ---- without a script
const plain = await open({ javaScriptEnabled: false });
await plain.goto(`${base}/tasks/new`);
await plain.fill("#f-title", "Send the terms");
await plain.fill("#f-contact_id", one.toLowerCase());
await Promise.all([plain.waitForURL(/\/tasks\/\d+$/), plain.click(".form button.primary")]);
ok((await plain.locator("main").innerText()).includes(one), "without a script the name is typed");
ok(errors.filter((e) => !/422/.test(e)).length === 0, "the console is silent", errors.join("; "));
await browser.close();
console.log(`1..${tests}`);
