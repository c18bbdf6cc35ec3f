DROP TRIGGER tasks_recur_back;
