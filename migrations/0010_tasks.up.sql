-- Tasks: what somebody has to do until a day. Each belongs to one record or to none, and leaves and returns with it.

CREATE TABLE tasks (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	title TEXT NOT NULL,
	note TEXT,
	due_on TEXT NOT NULL,          -- a task without a day would be in no bucket
	assignee_id INTEGER REFERENCES users (id), -- NULL: the whole team
	contact_id INTEGER REFERENCES contacts (id),
	organization_id INTEGER REFERENCES organizations (id),
	investor_id INTEGER REFERENCES investors (id),
	state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'snoozed', 'cancelled')),
	snoozed_until TEXT,
	recurrence TEXT NOT NULL DEFAULT 'none' CHECK (recurrence IN ('none', 'daily', 'weekly', 'monthly', 'quarterly')),
	follows_id INTEGER REFERENCES tasks (id), -- the one whose completion made this one
	source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'capture', 'agent', 'import')),
	proposal_id INTEGER REFERENCES proposals (id),
	created_at TEXT NOT NULL DEFAULT (ctx_now()),
	created_by INTEGER REFERENCES users (id),
	updated_at TEXT NOT NULL DEFAULT (ctx_now()),
	updated_by INTEGER REFERENCES users (id),
	version INTEGER NOT NULL DEFAULT 1,
	deleted_at TEXT,
	CHECK ((contact_id IS NOT NULL) + (organization_id IS NOT NULL) + (investor_id IS NOT NULL) <= 1),
	CHECK (state <> 'snoozed' OR snoozed_until IS NOT NULL)
) STRICT;
CREATE VIEW tasks_live AS SELECT * FROM tasks WHERE deleted_at IS NULL;
CREATE VIEW tasks_trash AS SELECT * FROM tasks WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_due ON tasks (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_open ON tasks (due_on, id) WHERE deleted_at IS NULL AND state IN ('open', 'snoozed');
CREATE INDEX tasks_assignee ON tasks (assignee_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_contact ON tasks (contact_id, due_on, id) WHERE contact_id IS NOT NULL;
CREATE INDEX tasks_organization ON tasks (organization_id, due_on, id) WHERE organization_id IS NOT NULL;
CREATE INDEX tasks_investor ON tasks (investor_id, due_on, id) WHERE investor_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_follows ON tasks (follows_id) WHERE follows_id IS NOT NULL;

CREATE TRIGGER tasks_countersigned BEFORE INSERT ON tasks WHEN NEW.source IN ('capture', 'agent') AND NOT EXISTS (
	SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND state IN ('approved', 'edited') AND decided_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER tasks_by_a_person BEFORE UPDATE ON tasks WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER tasks_inserted_by_a_person BEFORE INSERT ON tasks WHEN ctx_actor_kind() IS NOT 'human'
BEGIN SELECT RAISE(ABORT, '403 nothing lands on a record without a countersignature'); END;
CREATE TRIGGER tasks_no_delete BEFORE DELETE ON tasks BEGIN SELECT RAISE(ABORT, '403 nothing is hard-deleted'); END;
CREATE TRIGGER tasks_audit_insert AFTER INSERT ON tasks BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	VALUES ('create', 'tasks', NEW.id, diff(
		'title', NULL, NEW.title, 'note', NULL, NEW.note, 'due_on', NULL, NEW.due_on,
		'assignee_id', NULL, NEW.assignee_id, 'contact_id', NULL, NEW.contact_id,
		'organization_id', NULL, NEW.organization_id, 'investor_id', NULL, NEW.investor_id,
		'state', NULL, NEW.state, 'snoozed_until', NULL, NEW.snoozed_until, 'recurrence', NULL, NEW.recurrence));
END;
CREATE TRIGGER tasks_audit_update AFTER UPDATE ON tasks WHEN OLD.deleted_at IS NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id, changes_json)
	SELECT 'update', 'tasks', NEW.id, c FROM (SELECT diff(
		'title', OLD.title, NEW.title, 'note', OLD.note, NEW.note, 'due_on', OLD.due_on, NEW.due_on,
		'assignee_id', OLD.assignee_id, NEW.assignee_id, 'contact_id', OLD.contact_id, NEW.contact_id,
		'organization_id', OLD.organization_id, NEW.organization_id,
		'investor_id', OLD.investor_id, NEW.investor_id, 'state', OLD.state, NEW.state,
		'snoozed_until', OLD.snoozed_until, NEW.snoozed_until, 'recurrence', OLD.recurrence, NEW.recurrence) AS c)
	WHERE c IS NOT NULL;
END;
CREATE TRIGGER tasks_audit_delete AFTER UPDATE OF deleted_at ON tasks WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	INSERT INTO audit_log (action, resource, resource_id)
	VALUES (CASE WHEN NEW.deleted_at IS NULL THEN 'restore' ELSE 'delete' END, 'tasks', NEW.id);
END;

-- Done means that the next one is due: counted from the day this one was due, or from the day it was done when that is
-- later; never past the end of the month. Once, however often the old one is opened and done again.
CREATE TRIGGER tasks_recur AFTER UPDATE OF state ON tasks
WHEN NEW.state = 'done' AND OLD.state <> 'done' AND NEW.recurrence <> 'none' AND NOT EXISTS (SELECT 1 FROM tasks WHERE follows_id = NEW.id)
BEGIN
	INSERT INTO tasks (title, note, due_on, assignee_id, contact_id, organization_id, investor_id, recurrence, follows_id,
		created_by, updated_by)
	SELECT NEW.title, NEW.note, CASE NEW.recurrence
			WHEN 'daily' THEN date(base, '+1 day')
			WHEN 'weekly' THEN date(base, '+7 days')
			WHEN 'monthly' THEN min(date(base, '+1 month'), date(base, 'start of month', '+2 months', '-1 day'))
			ELSE min(date(base, '+3 months'), date(base, 'start of month', '+4 months', '-1 day')) END,
		NEW.assignee_id, NEW.contact_id, NEW.organization_id, NEW.investor_id, NEW.recurrence, NEW.id, ctx_user(), ctx_user()
	FROM (SELECT max(NEW.due_on, substr(ctx_now(), 1, 10)) AS base);
END;

CREATE TRIGGER contacts_tasks AFTER UPDATE OF deleted_at ON contacts WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE tasks SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE contact_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER organizations_tasks AFTER UPDATE OF deleted_at ON organizations WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE tasks SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE organization_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
CREATE TRIGGER investors_tasks AFTER UPDATE OF deleted_at ON investors WHEN OLD.deleted_at IS NOT NEW.deleted_at BEGIN
	UPDATE tasks SET deleted_at = NEW.deleted_at, version = version + 1, updated_at = ctx_now(), updated_by = ctx_user()
	WHERE investor_id = NEW.id AND deleted_at IS OLD.deleted_at;
END;
