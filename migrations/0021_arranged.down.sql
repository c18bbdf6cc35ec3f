DROP TABLE thread_refs_queue;
DROP VIEW threads_summary;
DROP VIEW thread_people;
DROP TABLE thread_move_refs;
DROP TRIGGER thread_move_messages_erase;
DROP TABLE thread_move_messages;
DROP TABLE thread_moves;
ALTER TABLE threads DROP COLUMN is_arranged;
