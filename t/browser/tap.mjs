// What a program of t/browser/ begins with: TAP on its output, and a browser.
import { chromium } from "playwright-core";

let tests = 0;
export const ok = (good, name, more) => {
	console.log(`${good ? "ok" : "not ok"} ${++tests} - ${name}`);
	if (!good && more) console.log(`# ${String(more).replaceAll("\n", "\n# ")}`);
};
export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
