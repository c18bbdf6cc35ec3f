DROP INDEX touches_last;
DROP TRIGGER organizations_touch;
DROP TRIGGER contacts_touch;
