// What strangers wrote, on our own pages: every page of a list in a real browser, and nothing of it runs, asks or leaves.
// node hostile.mjs --texts → the texts as JSON; node hostile.mjs URL FILE → TAP. FILE: {pages: [path, …], titles: {path: text}}
import { readFileSync } from "node:fs";
import { launch, ok } from "./tap.mjs";
import { vectors } from "./vectors.mjs";

// Ways out of where a text can stand: an attribute, a script, a text area, a title, a comment, a template, JSON; and marks
// that turn the direction of what follows.
const ways = ["", `">`, `'>`, "</script>", "</textarea></title></style>", "-->", "{{{.}}}{{/.}}", "{{=<% %>=}}<%&.%>", `\\"}];`, "\u202e\u2066", "]]>", "&lt;"];
const more = [
	`jaVasCript:/*-/*\`/*\\\`/*'/*"/**/(/* */oNcliCk=console.log('ran 900') )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=console.log('ran 900')//>\\x3e`,
	`'"><img src=x onerror=console.log('ran 901')><!--`, `<img src=x onerror\u00a0=console.log('ran 902')>`, `\ufeff<script>console.log('ran 903')</script>`,
	`{{constructor.constructor('console.log("ran 904")')()}}`, `\${console.log('ran 905')}`, `<%= 7*7 %>{{7*7}}#{7*7}`, `{{csrf}} {{>layout}} {{#user}}x{{/user}} {{^`,
	`%3Cscript%3Econsole.log('ran 906')%3C/script%3E`, `\uff1cscript\uff1econsole.log('ran 907')\uff1c/script\uff1e`, `\u202egnp.exe\u202c <b onmouseover=console.log('ran 908')>x`,
	`" onfocus=console.log('ran 909') autofocus x="`, `' onfocus=console.log('ran 910') autofocus x='`, `javascript:console.log('ran 911')`, `data:text/html,<script>console.log('ran 912')</script>`,
	`\r\nContent-Type: text/html\r\n\r\n<script>console.log('ran 913')</script>`, `%0d%0aSet-Cookie:x=1`, `\u0000<script>console.log('ran 914')</script>`.slice(1), `zero\u200bwidth\u2060<svg/onload=console.log('ran 915')>`,
];
const texts = [...vectors, ...more].map((text, n) => ways[n % ways.length] + text);
if (process.argv[2] === "--texts") {
	// Each way with each vector, too, for where there is room.
	console.log(JSON.stringify({ texts, all: ways.map((way) => vectors.map((v) => way + v).join("\n")).concat(more).join("\n") }));
	process.exit(0);
}

const [base, file] = process.argv.slice(2);
const { pages, titles } = JSON.parse(readFileSync(file, "utf8"));
const browser = await launch();
const context = await browser.newContext();
context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
let at = "", ran = [], refused = [], left = [], broken = [];
context.on("console", (m) => { if (/^ran \d+$/.test(m.text())) ran.push(`${at}: ${m.text()}`); });
await context.exposeFunction("reportRefused", (what) => { refused.push(`${at}: ${what}`); });
await context.addInitScript(() => addEventListener("securitypolicyviolation",
	(e) => { if (e.effectiveDirective.startsWith("script")) window.reportRefused(`${e.effectiveDirective} ${e.sample} ${e.blockedURI}`); }, true));
await context.route((url) => url.origin !== base && url.protocol !== "data:", (route) => { left.push(`${at}: ${route.request().url()}`); return route.abort(); });
const open = async () => {
	const page = await context.newPage();
	page.on("dialog", (d) => { ran.push(`${at}: ${d.message()}`); d.dismiss(); });
	return page;
};

// Unguarded the same texts do run: what is looked for below can be seen.
at = "unguarded";
const wild = await open();
await wild.setContent(texts.join("\n"));
await wild.waitForLoadState("networkidle");
await wild.close();
ok(ran.length >= 5, `unguarded, ${ran.length} of ${texts.length} texts run`);
ran = []; left = []; refused = [];
const page = await open();

await page.goto(`${base}/login`);
await page.fill("#username", "ada");
await page.fill("input[type=password]", "demo");
await Promise.all([page.waitForURL(`${base}/`), page.keyboard.press("Enter")]);
for (const path of pages) {
	at = path;
	const reply = await page.goto(base + path, { waitUntil: "load" });
	if (reply.status() >= 500) broken.push(`${path}: ${reply.status()}`);
	const found = await page.evaluate(() => [...document.querySelectorAll("*")].filter((e) =>
		[...e.attributes].some((a) => /^on/i.test(a.name) || (/^(href|src|action|formaction)$/i.test(a.name) && /^\s*(javascript|data|vbscript):/i.test(a.value)))
		|| (e.localName === "script" && !e.src && !e.nonce)).map((e) => e.outerHTML.slice(0, 200)));
	broken.push(...found.map((f) => `${path}: ${f}`));
	if (titles[path] !== undefined) {
		const shown = (await page.evaluate(() => document.querySelector("h1").textContent)).trim();
		if (shown.replace(/\s+/g, " ") !== titles[path].replace(/\s+/g, " ").trim()) broken.push(`${path}: shows ${shown}`);
	}
}
ok(ran.length === 0, `no script ran on ${pages.length} pages, and no dialog opened`, ran.join("\n"));
ok(refused.length === 0, "none had to be refused by the policy either", refused.join("\n"));
ok(left.length === 0, "no request left", left.join("\n"));
ok(broken.length === 0, `no text became markup, and ${Object.keys(titles).length} are shown letter by letter`, broken.join("\n"));
await browser.close();
