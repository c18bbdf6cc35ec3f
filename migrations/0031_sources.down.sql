DROP INDEX mailbox_items_labels;
