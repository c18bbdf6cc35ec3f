-- A copy's folder is where it lies; where a source labels its messages it is all their labels, one a line. A rule by label
-- finds the copies that have several by this index, those that have one by mailbox_items_folder.
CREATE INDEX mailbox_items_labels ON mailbox_items (folder)
	WHERE message_id IS NOT NULL AND instr(folder, char(10)) > 0;
