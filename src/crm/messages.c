/* One message: its headers, its HTML in a frame of its own, its attachments. Reads only; HTML is never put into a page.
 *
 * list (API only)  data: [{id, thread_id, subject, snippet, sent_at, direction, from_name, from_email, is_automated,
 *                  is_unparsed, has_attachments, size, url}]; parameters: thread (id), limit, after; newest first
 * mail/headers     data: message (shapes.h) and headers (the raw block, text), size, defects [text], has_defects,
 *                  mailboxes [{address, folder, source_id}]: where its copies are
 * body             not a template: the HTML with a policy of its own, or a link back when there is none
 * attachments      the bytes, always as a download
 * Tests: t/unit/crm_messages.c */
