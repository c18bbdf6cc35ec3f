/* The team as others see it. Changing it is admin.c.
 *
 * list, show (API only)  {id, username, name, email, role, is_active, wants_digest, created_at, aliases [text]}
 * Tests: t/unit/crm_users.c */
