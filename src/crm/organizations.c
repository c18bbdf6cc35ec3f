/* Organizations: the firms. Owns their declaration, list, pages and domains.
 *
 * organizations/list  data: [{id, version, name, kind, kind_label, domain (first), owner_id, owner_name, people (count),
 *                     last_at, last_in_at, last_out_at, communications, updated_at, url}]
 *                     parameters: q, kind, owner_id, sort (name -updated -last_touch), limit, after
 * organizations/show  data: record item (shapes.h) and name, kind, kind_label, website, domains [text], has_domains,
 *                     is_domain_captured, address, owner_id, owner_name, introduced_by, notes, last_at, last_in_at,
 *                     last_out_at, communications
 *                     investor  null or {id, label, priority, lead_name, is_graveyard, url}
 *                     people    [{id, name, title, email, last_at, url}], first 100 by name   has_people  people_url
 *                     threads   newest ten: [{id, subject, last_at, messages, last_direction, url}]  has_threads
 *                     known_by  [{user_id, name, communications, last_at}]  has_known_by
 *                     timeline  (shapes.h)
 *                     log_url   "/communications/new?organization_id=12"
 *                     new_contact_url "/contacts/new?organization_id=12"
 * organizations/form  data: form (shapes.h)
 * Tests: t/unit/crm_organizations.c */
