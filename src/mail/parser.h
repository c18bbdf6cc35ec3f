/* The sandboxed parser. Mail is hostile bytes, so the process that holds the database never parses it: a worker does,
 * which can compute and talk over its one socket and nothing else (seccomp, 256 MiB, no core, no files, no programs).
 *
 *     parser_start()             in main, BEFORE any database or secret is opened: forks the nursery
 *     parser_submit(p, 0, A)     slot 0's worker starts on A
 *     parser_submit(p, 1, B)     slot 1's worker starts on B
 *     parser_result(p, 0, …)     A's message; B is parsed while A is stored
 *
 * A worker that dies or needs more than PARSER_WALL_MS is replaced from the nursery and its message comes back as
 * is_unparsed with a reason and what headers_scan() found. What a worker sends is treated as hostile too (wire.h). */
#ifndef MAIL_PARSER_H
#define MAIL_PARSER_H

#include <stddef.h>

#include "base/fault.h"
#include "mail/message.h"

struct buf;
struct parser;
struct pool;

#define PARSER_SLOTS 2
#define PARSER_WALL_MS 10000
#define PARSER_MEMORY (256u * 1024 * 1024)

/* Forks the nursery and gets a worker for each slot. E_INTERNAL with the reason in f. The parser lives in p and is
 * stopped with it at the latest. */
enum status parser_start(struct fault *f, struct pool *p, struct parser **out);

/* Gives raw to the slot's worker. raw is borrowed until parser_result() of that slot. BUG when the slot is taken.
 * E_INTERNAL only when there is no nursery any more: the caller should end its run. */
enum status parser_submit(struct parser *p, int slot, const char *raw, size_t n);

/* There is something to be had for parser_result(): it waits for the rest of an answer at most. */
bool parser_has_answer(const struct parser *p, int slot);

/* Waits for the slot's message; it lives in pool. OK also for a message that could not be parsed. E_INTERNAL when there
 * is no nursery any more: the message was not judged, try it in another run. BUG when nothing was submitted. */
enum status parser_result(struct parser *p, int slot, struct pool *pool, struct mail_message **out);

/* Both in one, for a single message. */
enum status parser_parse(struct parser *p, struct pool *pool, const char *raw, size_t n, struct mail_message **out);

/* Tries from inside a worker what must fail. Writes lines "name=ok" or "name=FAIL errno"; returns how many failed, or
 * -1 when the worker did not answer. */
int parser_selftest_sandbox(struct parser *p, struct buf *out);

/* Ends workers and nursery. NULL and a second call are fine. */
void parser_stop(struct parser *p);

#endif
