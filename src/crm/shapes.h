/* The documents that pages and the API share, for who writes templates or reads the API. This header declares nothing:
 * each noun's own shape stands at the top of its .c file, what several of them share stands here. Every name listed is
 * present in every document, null when there is nothing; instants are UTC text for the formatters date, time and ago.
 *
 * ---- page furniture, on every page of a logged-in user (page.c) -> r->page
 *   user        {id, username, name, role, email}
 *   is_admin    bool           can_write  bool (false for agents)
 *   looks_as    text or null: whose eyes the reader looks through (view_as.c); then can_write is false
 *   fund_name   text           zone       IANA name
 *   pending     number of pending proposals
 *   nav         [{key, label, url, is_current, count (number or null), has_count}]
 *               keys: home review contacts organizations pipeline investors commitments tasks mail digests capture audit trash
 *   nav_admin   the same shape: admin; empty for members
 *
 * ---- a list:  {"data": [row, ...], "meta": {"next": cursor or null, "total": number or null}}
 *   and, for its page, view.list:
 *   list = {
 *     url         the list itself without any parameter, "/contacts"
 *     q           what was searched for, "" when nothing      has_q     bool
 *     sort        the sort in force
 *     sorts       [{value, label, is_selected}]               has_sorts bool (more than one)
 *     sorted      {column: {aria ("ascending", "descending", null), url: where a click on its head leads}}
 *     filters     [{name, label, options: [{value, label, is_selected}]}]   first option is "any", value ""
 *     days        [{name, label, value}]: filters by day, "" for any
 *     hidden      [{name, value}]: filters in force that offer no choice
 *     is_filtered bool: q or a filter is set    is_empty bool: no rows   is_first bool: the first page
 *     count       rows on this page
 *     total       rows in all when that is known cheaply, else null          has_total bool
 *     next_url    the next page with all parameters, or null                 has_next  bool
 *     is_cut      bool: the page ends where `looked` rows were looked at, and may show fewer than fit (list_look)
 *     first_url   the same list from its beginning
 *   }
 *
 * ---- an item: {"data": {...}}. Items that are records also have
 *   id, version, label (its own name), url, edit_url, delete_url, merge_url (null for what cannot be merged)
 *   created_at, created_by_name, updated_at, updated_by_name
 *   source         user capture agent import        source_label   "typed by Ada", "captured, countersigned by Ada", ...
 *   proposal_id    number or null                   proposal_url   text or null
 *   proposals      pending ones: [{id, title, kind_label, author_name, occurred_at, url}]     has_proposals bool
 *   history        newest ten: [audit row, see audit.c]                                       has_history   bool
 *   history_url    "/audit?resource=contacts&id=12"
 *
 * ---- timeline (contact, organization, investor): data.timeline
 *   timeline = {filters: [{label, url, is_current}] (?show=all mail calls meetings notes tasks commitments moves changes), items: [...], next: cursor or null, next_url: text or null, has_next, is_empty, is_first, is_filtered, all_url}
 *   item = {
 *     at (of a commitment its day), kind ("thread" "email" "call" "meeting" "note" "task" "commitment" "move" "change"), kind_label ("Mail thread", "E-mail", "Call", ...)
 *     is_thread, is_email, is_call, is_meeting, is_note, is_task, is_commitment, is_move, is_change
 *     title, snippet (plain text, one line, may be null), url
 *     direction ("in" "out" "both" or null), who ("Maria Keller wrote to Ada Nowak", null when unknown)
 *     count       messages in a thread, else null
 *     sight       who sees what of a thread (threads.c), or that not everybody reads the mail an activity came from (what
 *                 stands on a record is everybody's); null when everybody sees all of it
 *     source      {label, url (or null), has_url}
 *   }
 *   The next page of a timeline is the record's page with ?after=...; a fragment request gets the whole page too.
 *
 * ---- a form (contacts/form, organizations/form, investors/form, communications/form, review/edit): data.form
 *   data = {id (null when new), label ("" when new), is_new, title ("New contact", "Edit Maria Keller"), cancel_url, form}
 *   form = {
 *     action, version (number or null: hidden input `version` when not null), has_version
 *     submit_label, has_errors
 *     errors      [{message}]: those that belong to no field
 *     is_stale    somebody saved first; then stale_by, stale_at say who and when (else null) and each field has `current`
 *     stale_by, stale_at
 *     hidden      [{name, value}] further hidden inputs (review: sha256, edited)
 *     fields      [{
 *       name, label, id ("f-name"), value (text, "" when none), error (text or null), has_error, help (text or null)
 *       type        "text" "url" "number" "date" "datetime-local" for <input>
 *       is_text     <input type={{type}}>: text, url, number, day, instant, and references with too many choices
 *       is_long     <textarea>: long text and lists, one entry a line       rows  number for it
 *       is_select   <select>, options            is_check  <input type=checkbox value=1>, is_checked
 *       is_number, is_day, is_instant, is_url, is_list (one entry a line): what kind of text
 *       is_short    half a line is enough
 *       is_required, max (bytes or largest number; null when none)
 *       is_pick     names records, as "Maria Keller #12" or by name: one, or with is_many one a line (static/pick.js)
 *       pick_url    the list to look for them in ("/api/contacts"); null when options has all
 *       options     [{value, label, is_selected}] ([] when none; the first of an optional select has value "")
 *       current     on a stale form the value in the database now, when it differs from what was typed; else null
 *       has_current
 *     }]
 *   }
 *   An unchecked checkbox sends nothing; a page's POST takes that as no.
 *
 * ---- a message as a person reads it (messages.c): in review and in a thread
 *   message = {
 *     id, thread_id, subject, snippet, sent_at, direction, is_in, is_out
 *     from        {name (the address when there is no name), email, url of the contact or null, has_url}
 *     to, cc      [{name, email, url, has_url, is_last}]   has_cc
 *     sentence    "Maria Keller wrote to Ada Nowak and 2 others"
 *     segments    [{kind ("reply" "quote" "signature" "forward"), text, is_reply, is_quote, is_signature, is_forward,
 *                   parts [{text, is_link, url (or null), warning (or null)}]: the text again, cut at its links}]
 *     is_automated, is_unparsed, automated_label ("mailing list"; null for a person's mail)
 *     is_shown    the reader may read it; else it has no text, and its subject may read "(subject not shown)"
 *     authenticity  "verified" "unverified" "failed" "unknown", null for what we sent ourselves
 *     authenticity_label (null when nothing is known), is_verified, is_unverified, is_failed
 *     warnings    [{word, text}]                   has_warnings
 *     report      null, or of a delivery report: {email, status, is_delay (of the worst), recipients [{email, status,
 *                   is_delay}], subject, url (what it is about; or null)}
 *     bounces     of what we sent: [{email, status, at, is_delay, url}]   has_bounces
 *     has_html    frame_url "/messages/12/body", images_url "/messages/12/body?images=1", both null without HTML
 *     headers_url "/messages/12/headers"    thread_url "/mail/3"
 *     attachments [{id, name, type, size, is_stored, is_inline, url or null}]   has_attachments
 *   }
 */
