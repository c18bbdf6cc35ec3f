DROP TRIGGER contacts_tasks;
DROP TRIGGER organizations_tasks;
DROP TRIGGER investors_tasks;
DROP VIEW tasks_trash;
DROP VIEW tasks_live;
DROP TABLE tasks;
