// What was typed into a form that could not be sent, the session being over or the form refused, is kept in this tab and
// stands in the form again when its page comes back; for the same person only, and not past logging out.
"use strict";

{
	const FIELDS = "input:not([type=hidden], [type=password], [type=file]), textarea, select, input[name=version]";
	const here = location.pathname + location.search, user = document.body.dataset.user;

	function read() {
		try { return JSON.parse(sessionStorage.getItem("kept")); } catch { return null; }
	}
	function write(kept) {
		try {
			if (kept) sessionStorage.setItem("kept", JSON.stringify(kept));
			else sessionStorage.removeItem("kept");
		} catch { /* storage is off: it is lost, as without a script */ }
	}
	const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(FIELDS));
	// Where it posts to; a field may be called so, too, and hide the form's own property.
	const actionOf = (form) => form.getAttribute("method") === "post" && form.getAttribute("action");
	const isTicked = (field) => field.type === "checkbox" || field.type === "radio";

	document.addEventListener("submit", (e) => {
		const form = e.target, fields = fieldsOf(form), action = actionOf(form);
		if (e.defaultPrevented || !action || action === "/logout" || !user) return;
		if (!fields.some((field) => field.name !== "version" && !isTicked(field) && field.value)) return;
		write({user, page: here, action,
			fields: fields.map((field) => [field.name, isTicked(field) ? field.checked : field.value, field.value])});
	});

	/* What was not sent is known by the page that answers: one of a problem. Any other has taken it. */
	function failed(kept) {
		write({...kept, isFailed: true});
		const note = one("main [data-kept]");
		note.hidden = false;
		one("a", note).href = kept.page;
		const login = one("main [data-login]");
		if (login) login.href = `/login?next=${encodeURIComponent(kept.page)}`;
	}

	function put(form, [name, value, option]) {
		for (const field of fieldsOf(form).filter((f) => f.name === name)) {
			if (!isTicked(field)) field.value = value;
			else if (field.value === option) field.checked = value;
		}
	}

	function restore(kept) {
		const form = [...document.forms].find((f) => actionOf(f) === kept.action);
		write(null);
		if (!form) return;
		for (const field of kept.fields) put(form, field);
		const note = document.createElement("p");
		note.className = "note";
		note.textContent = "What you typed is back in the form. It is not saved yet.";
		form.before(note);
		say(note.textContent);
	}

	const kept = read();
	if (kept && one("main [data-problem]")) failed(kept);
	else if (kept && user && (!kept.isFailed || kept.user !== user)) write(null);
	else if (kept && user && kept.page === here) restore(kept);
}
