/* Investors: who invests, an organization or a person. Owns their declaration, list and pages.
 *
 * investors/list  data: [{id, version, name, kind ("organization" or "person"), organization_id, contact_id, party_url,
 *                 lead_id, lead_name, priority, is_high, is_low, is_graveyard, cadence_days, last_at, last_in_at,
 *                 last_out_at, communications, days_since (whole days since last_at or null), is_overdue (cadence missed),
 *                 updated_at, url}]
 *                 parameters: q, lead_id, priority, is_graveyard (default 0), sort (name -updated -last_touch), limit, after
 * investors/show  data: record item (shapes.h) and the row's names, notes and
 *                 contact_name, organization_name (one of them null)
 *                 people, threads, known_by, timeline, log_url as an organization's (or the person's own)
 * investors/form  data: form (shapes.h)
 * Tests: t/unit/crm_investors.c */
