ALTER TABLE sessions DROP COLUMN view_as_id;
DROP TRIGGER audit_log_insert;
CREATE TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log BEGIN
	INSERT INTO audit (id, at, actor_kind, actor_via, actor_id, actor_name, action, resource, resource_id, changes_json,
		proposal_id, request_id, why, prev_hash, hash)
	SELECT h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action, NEW.resource,
		NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()), h.prev,
		sha256(h.prev, h.id, ctx_now(), ctx_actor_kind(), ctx_actor_via(), ctx_user(), ctx_actor_name(), NEW.action,
			NEW.resource, NEW.resource_id, NEW.changes_json, ctx_proposal(), ctx_request(), coalesce(NEW.why, ctx_why()))
	FROM (SELECT coalesce(max(id), 0) + 1 AS id,
		coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), 'genesis') AS prev FROM audit) h;
END;
DROP VIEW audit_head;
DROP VIEW audit_seen;
DROP VIEW audit_inner;
DROP VIEW proposal_keys;
DROP VIEW proposal_versions_seen;
DROP VIEW proposals_seen;
DROP VIEW proposal_evidence;
DROP TRIGGER proposals_messages_insert;
DROP TABLE proposal_messages;
DROP VIEW thread_parties_seen;
DROP VIEW thread_signposts;
DROP VIEW thread_places;
DROP VIEW threads_seen;
DROP VIEW threads_inner;
DROP VIEW mailbox_items_seen;
DROP VIEW message_addresses_seen;
DROP VIEW attachments_seen;
DROP VIEW message_bodies_seen;
DROP VIEW messages_seen;
DROP VIEW messages_inner;
DROP TRIGGER messages_hold_update;
DROP TRIGGER mailbox_items_hold_update;
DROP TRIGGER mailbox_items_hold_insert;
DROP VIEW thread_held;
DROP VIEW message_holders;
DROP VIEW thread_holders;
DROP TABLE thread_holders_cache;
DROP VIEW readers;
DROP VIEW restrictions;
DROP TRIGGER mailboxes_visibility_by_owner;
DROP INDEX mailboxes_user;
DROP INDEX mailboxes_restricted;
ALTER TABLE mailboxes DROP COLUMN level;
