// Runs before the first paint, so that nothing moves after it: what this browser was told to remember about the frame.
"use strict";
document.documentElement.dataset.script = "on";
try {
	if (localStorage.getItem("sidebar") === "narrow") document.documentElement.dataset.sidebar = "narrow";
} catch { /* storage is off: the wide sidebar */ }
