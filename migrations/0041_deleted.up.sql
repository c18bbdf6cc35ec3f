-- What was deleted is found without looking at what is there: the trash asks every table for it.
CREATE INDEX funds_deleted ON funds (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX commitments_deleted ON commitments (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX affiliations_deleted ON affiliations (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX opportunities_deleted ON opportunities (deleted_at) WHERE deleted_at IS NOT NULL;
