/* Contacts: the people. Owns their declaration, list, pages and child rows (addresses, phones).
 *
 * contacts/list   data: [{id, version, name, title, kind, kind_label, organization_id, organization_name, email (primary),
 *                 owner_id, owner_name, is_do_not_contact, last_at, last_in_at, last_out_at (touches), communications,
 *                 updated_at, url}]
 *                 parameters: q, kind, organization_id, owner_id, sort (name -updated -last_touch), limit, after
 * contacts/show   data: record item (shapes.h) and name, title, kind, kind_label, organization_id, organization_name,
 *                 organization_url, has_organization, owner_id, owner_name, is_do_not_contact, notes, emails [text],
 *                 phones [text], email (primary), has_emails, has_phones, last_at, last_in_at, last_out_at, communications
 *                 investor    null or {id, label, priority, lead_name, is_graveyard, url}: their own or their firm's
 *                 people      others at the organization: [{id, name, title, email, last_at, url}]      has_people
 *                 threads     newest ten: [{id, subject, last_at, messages, last_direction, url}]       has_threads
 *                 known_by    who on the team was in touch: [{user_id, name, communications, last_at}]  has_known_by
 *                 timeline    (shapes.h)
 *                 log_url     "/communications/new?contact_id=12"
 * contacts/form   data: form (shapes.h)
 * Tests: t/unit/crm_contacts.c */
