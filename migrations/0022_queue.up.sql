-- The queue of one contact or organization is read in its order, and upkeep finds what is old without sorting the rest.
DROP INDEX proposals_contact;
CREATE INDEX proposals_contact ON proposals (state, contact_id, occurred_at DESC, id DESC);
DROP INDEX proposals_organization;
CREATE INDEX proposals_organization ON proposals (state, organization_id, occurred_at DESC, id DESC);
DROP INDEX proposals_age;
CREATE INDEX proposals_age ON proposals (state, updated_at);
