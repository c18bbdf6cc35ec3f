DROP TRIGGER tasks_recur_back;
DROP INDEX audit_program;
