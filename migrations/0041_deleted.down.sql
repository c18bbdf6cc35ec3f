DROP INDEX opportunities_deleted;
DROP INDEX affiliations_deleted;
DROP INDEX commitments_deleted;
DROP INDEX funds_deleted;
