DROP TRIGGER sessions_audit_view_as;
