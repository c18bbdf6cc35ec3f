DROP TABLE outbox_events;
DROP TABLE outbox;
DROP TABLE digests;
