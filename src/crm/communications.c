/* Communications: e-mails, calls, meetings, notes as they stand on the records. Owns their declaration, pages, parties.
 *
 * list (API only)      data: [{id, version, kind, kind_label, direction, occurred_at, subject, body, thread_id, source,
 *                      proposal_id, updated_at, url}]
 *                      parameters: contact_id, organization_id, kind, limit, after; newest first
 * communications/show  data: record item (shapes.h) and kind, kind_label, direction, direction_label ("They wrote to us",
 *                      "We wrote to them", "Both ways", null), occurred_at, subject, body, thread_id, thread_url, has_thread
 *                      contacts [{id, name, url}]  organizations [{id, name, url}]  users [{id, name}]
 *                      has_contacts, has_organizations, has_users
 *                      messages [{id, subject, sent_at, sentence, url}]  has_messages
 * communications/form  data: form (shapes.h); /communications/new takes ?contact_id= or ?organization_id= or ?kind=
 * Tests: t/unit/crm_communications.c */
