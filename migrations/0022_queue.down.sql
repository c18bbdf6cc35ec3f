DROP INDEX proposals_age;
CREATE INDEX proposals_age ON proposals (updated_at) WHERE state = 'pending';
DROP INDEX proposals_organization;
CREATE INDEX proposals_organization ON proposals (organization_id, state);
DROP INDEX proposals_contact;
CREATE INDEX proposals_contact ON proposals (contact_id, state);
