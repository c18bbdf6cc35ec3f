DROP VIEW left_out;
DROP TRIGGER organization_domains_audit_captured;
DROP TRIGGER organization_domains_captured_update;
DROP TRIGGER organization_domains_captured_insert;
DROP INDEX mailbox_items_strangers;
DROP TABLE lookbacks;
