// Facts of a record edited where they stand: by keyboard, what is wrong and who was faster, taken back; without a script not.
// node inplace.mjs URL → TAP
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch, ok } from "./tap.mjs";

const [base] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launch();
const errors = [];
const open = async (user, options) => {
	const page = await (await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 }, ...options })).newPage();
	page.setDefaultTimeout(120000); // a busy machine is slow, not wrong
	page.on("console", (m) => { if (m.type() === "error" && !/4(12|22)/.test(m.text())) errors.push(m.text()); });
	page.on("pageerror", (e) => errors.push(String(e)));
	await page.goto(`${base}/login`);
	await page.fill("#username", user);
	await page.fill("#password", "demo");
	await Promise.all([page.waitForURL(`${base}/`), page.press("#password", "Enter")]);
	return page;
};
const page = await open("ada"), other = await open("grace");
const press = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
const fact = (name, at = page) => at.locator(`dd[data-field=${name}]`);
const begin = async (name, at = page) => { await fact(name, at).locator(".edit").press("Enter"); await fact(name, at).locator("form").waitFor(); };
const focused = (at = page) => at.evaluate(() => document.activeElement.closest("dd")?.dataset.field + " " + (document.activeElement.name || document.activeElement.className));
const said = async (name, text) => { await fact(name).locator(".status", { hasText: text }).waitFor(); return fact(name).locator(".status").innerText(); };
const clean = async (name) => {
	await page.evaluate(`${axe}; 0`);
	const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
	ok(found.violations.length === 0, name, found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`).join("; "));
};

// ---- a text, by keyboard
await page.goto(`${base}/contacts/1`);
const before = (await fact("title").innerText()).split("\n")[0].trim();
await press("i");
await fact("title").locator("form").waitFor();
ok(await focused() === "title title", "i opens the first fact, in its field", await focused());
ok(await page.locator("#f-title").evaluate((f) => f.labels.length === 1 && f.value) === before, "labelled, with what stands there");
await clean("axe finds nothing while it is open");
await press("Escape");
ok(await fact("title").locator("form").count() === 0 && (await focused()).startsWith("title "), "Esc closes it, back to the fact", await focused());
ok(page.url() === `${base}/contacts/1`, "and leads nowhere");
await page.fill("#note", "Half a note");
await begin("title");
await page.fill("#f-title", "Keeper of the Keys");
await press("Enter");
await said("title", "Saved");
ok((await fact("title").innerText()).startsWith("Keeper of the Keys"), "Enter saves it");
ok((await focused()).startsWith("title "), "and the focus is back", await focused());
ok(await page.inputValue("#note") === "Half a note", "what was being typed elsewhere is still there");
ok(/^Ada Nowak changed it[^]*Job title/.test(await page.locator("[data-history] li").first().innerText()), "the history has it", await page.locator("[data-history] li").first().innerText());
await page.locator(".toasts .flash", { hasText: "Contact saved" }).waitFor();
await clean("axe finds nothing afterwards");
await page.fill("#note", "");
await page.locator("main").focus();
await Promise.all([page.waitForEvent("load"), press("u")]);
ok((await fact("title").innerText()).startsWith(before), "u takes it back", await fact("title").innerText());

// ---- a choice, a click, a record, a list, a long text
await fact("kind").locator("> span").click({ position: { x: 2, y: 5 } });
await fact("kind").locator("form").waitFor();
const kind = await page.inputValue("#f-kind"), another = kind === "advisor" ? "other" : "advisor";
await page.selectOption("#f-kind", another);
await page.locator("dd[data-field=phones] .edit").press("Enter");
ok(await said("kind", "Save this first") && await fact("phones").locator("form").count() === 0, "what was typed is not lost to another fact");
await fact("kind").locator("button.primary").click();
await said("kind", "Saved");
ok((await fact("kind").innerText()).toLowerCase().startsWith(another), "a choice", await fact("kind").innerText());
await begin("phones");
await page.fill("#f-phones", "+41 44 000 00 00\n+41 44 000 00 01");
await press("Control+Enter");
await said("phones", "Saved");
ok((await fact("phones").innerText()).includes("+41 44 000 00 01"), "a list");
await begin("organization_id");
if (await fact("organization_id").locator("select").count()) await page.selectOption("#f-organization_id", { index: 2 });
else {
	await press("Enter");
	await page.keyboard.type("meri");
	await page.locator("#f-organization_id-found [role=option]").first().waitFor();
	await press("Enter");
}
await fact("organization_id").locator("button.primary").click();
await said("organization_id", "Saved");
ok(await fact("organization_id").locator("a[href^='/organizations/']").count() === 1, "a record");

// ---- what is wrong is said at the field
await page.goto(`${base}/organizations/1`);
await begin("website");
await page.locator("#f-website").evaluate((f) => { f.type = "text"; f.value = "no address"; });
await press("Enter");
ok(await said("website", "Not saved") && (await fact("website").locator(".error").innerText()).includes("is not a web address"), "what is wrong is said", await fact("website").innerText());
ok(await page.locator("#f-website").evaluate((f) => f === document.activeElement && f.getAttribute("aria-invalid") === "true" && Boolean(document.getElementById(f.getAttribute("aria-describedby")))), "at the field, which has the focus");
await clean("axe finds nothing then either");
await page.fill("#f-website", "https://mended.example/");
await press("Enter");
await said("website", "Saved");
ok((await fact("website").innerText()).includes("mended.example"), "and mended");

// ---- somebody was faster
await begin("address");
await page.fill("#f-address", "Mine");
await other.goto(`${base}/organizations/1`);
await begin("address", other);
await other.fill("#f-address", "Hers");
await other.keyboard.press("Control+Enter");
await fact("address", other).locator(".status", { hasText: "Saved" }).waitFor();
await press("Control+Enter");
const stale = await said("address", "Not saved");
ok(/Grace Okafor saved this/.test(stale), "who was faster is named", stale);
ok(await page.inputValue("#f-address") === "Mine", "and what was typed is there to be copied");
await Promise.all([page.waitForEvent("load"), fact("address").locator("button", { hasText: "Reload" }).click()]);
ok((await fact("address").innerText()).includes("Hers"), "reloaded, hers stands there");

await page.goto(`${base}/investors/1`);
await begin("cadence_days");
await page.fill("#f-cadence_days", "45");
await press("Enter");
await said("cadence_days", "Saved");
ok((await fact("cadence_days").innerText()).includes("every 45 days"), "an investor's too");

// ---- the server gone
await begin("cadence_days");
await page.fill("#f-cadence_days", "46");
await page.context().setOffline(true);
await press("Enter");
ok((await said("cadence_days", "Not saved")).includes("does not answer") && await page.inputValue("#f-cadence_days") === "46", "without an answer what was typed stays");

// ---- without a script
const plain = await open("ada", { javaScriptEnabled: false });
await plain.goto(`${base}/contacts/1`);
ok(await plain.locator(".edit, form.inplace").count() === 0 && await plain.locator("a[data-act=edit]").count() === 1, "without a script there is the Edit page");
ok(errors.filter((e) => !/ERR_INTERNET_DISCONNECTED/.test(e)).length === 0, "the console is silent", errors.join("; "));
await browser.close();
