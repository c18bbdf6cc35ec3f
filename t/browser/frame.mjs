// A hostile mail in its frame: no script runs, nothing leaves, whatever stands in it; with "show images" only images.
// node frame.mjs URL PATH-OF-THE-FRAME → TAP
import { launch, ok } from "./tap.mjs";
import { html, count } from "./vectors.mjs";

const [base, path] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext();
context.setDefaultTimeout(120000); // a busy machine is slow, not wrong
let ran = [], left = [];
context.on("console", (m) => { if (/^ran \d+$/.test(m.text())) ran.push(m.text()); });
await context.route((url) => url.origin !== base, (route) => {
	const request = route.request();
	if (request.url() === "https://control.example/") return route.fulfill({ contentType: "text/html", body: html });
	left.push(`${request.resourceType()} ${request.url()}`);
	return request.resourceType() === "image" ? route.fulfill({ contentType: "image/png", body: "" }) : route.abort();
});

const prefetch = (line) => html.includes(`<link rel=prefetch href="${line.split(" ")[1]}">`);

// Loads it, clicks what can be clicked, and lets the page come to rest; gives what happened.
async function look(url, framed) {
	ran = []; left = [];
	const page = await context.newPage();
	page.on("dialog", (d) => { ran.push(d.message()); d.dismiss(); });
	await page.goto(framed ? `${base}/` : url);
	if (framed) {
		await page.evaluate((src) => new Promise((done) => {
			const frame = document.createElement("iframe");
			frame.onload = done;
			frame.src = src;
			document.body.append(frame);
		}), url);
	}
	const where = page.frames().at(framed ? 1 : 0);
	const sections = await where.locator("section").count().catch(() => 0);
	for (const link of await where.locator(".go").all().catch(() => []))
		await link.dispatchEvent("click", {}, { timeout: 500 }).catch(() => {});
	await page.waitForLoadState("networkidle");
	// A click on a data: link leads the frame away from itself, which our page's frame-src refuses: an error in its place.
	const at = where.url().split("#")[0];
	const stayed = at === new URL(url, base).href || (framed && at.startsWith("chrome-error:"));
	for (const p of context.pages()) await p.close();
	return { sections, at, stayed, ran, left };
}

const login = await context.newPage();
await login.goto(`${base}/login`);
await login.fill("#username", "ada");
await login.fill("input[type=password]", "demo");
await Promise.all([login.waitForURL(`${base}/`), login.keyboard.press("Enter")]);

const control = await look("https://control.example/", false);
ok(count >= 60, `${count} vectors`);
ok(control.ran.length >= 10, `unguarded, ${control.ran.length} scripts run`);
ok(control.left.length >= 10, `and ${control.left.length} requests leave`);
for (const framed of [false, true]) {
	const as = framed ? "in a frame of our page" : "as a page";
	const plain = await look(base + path, framed);
	ok(plain.sections > count / 2, `${as}: the mail is shown`, plain.sections);
	ok(plain.ran.length === 0, `${as}: no script runs`, plain.ran.join("\n"));
	ok(plain.left.length === 0, `${as}: no request leaves`, plain.left.join("\n"));
	ok(plain.stayed, `${as}: it goes nowhere outside`, plain.at);
	const images = await look(`${base}${path}?images=1`, framed);
	// A prefetch goes wherever any directive lets something go in Chromium: with images that is as far.
	const others = images.left.filter((l) => !l.startsWith("image ") && !(l.startsWith("other ") && prefetch(l)));
	ok(images.ran.length === 0, `${as}, with images: no script runs`, images.ran.join("\n"));
	ok(images.left.length > 0 && others.length === 0, `${as}, with images: only images and a prefetch are fetched`, others.join("\n"));
}
await browser.close();
