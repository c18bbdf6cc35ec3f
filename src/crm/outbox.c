/* What leaves the box, as a list. Reads only; its bytes are never shown here.
 *
 * list (API only)  data: [{id, message_id, origin, digest_id, author_kind, from_address, to_json, subject, state, attempts,
 *                  created_at, countersigned_at, sent_at, error}]; parameters: state, origin, limit, after; newest first
 * Tests: t/unit/crm_lists.c */
