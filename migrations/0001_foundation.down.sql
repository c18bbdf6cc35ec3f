DROP TABLE login_attempts;
DROP TABLE sessions;
DROP TABLE user_aliases;
DROP TABLE users;
DROP TABLE settings;
DROP VIEW audit_log;
DROP TABLE audit;
