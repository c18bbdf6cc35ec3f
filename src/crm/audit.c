/* The audit log as a page. Reads only; triggers write it.
 *
 * audit/list  data: [{id, at, actor_kind, actor_via, actor_id, actor_name, action, action_label ("changed"), resource,
 *             resource_label ("Contact"), resource_id, resource_url (or null), has_url, proposal_id, proposal_url,
 *             request_id, why, hash,
 *             changes [{field, label, old, new, has_old, has_new, is_long}] (texts; [] when none), has_changes}]
 *             parameters: resource, id, actor (user id), action, limit, after; newest first
 * Tests: t/unit/crm_audit.c */
