/* One JSON object a line on stderr: {"at","level","prog","req","msg",…}. Control characters are escaped, a line is at
 * most 4 KiB, and keys that hold secrets are masked whatever the caller passes (log.c has the list). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_open(const char *prog);          /* once, in main */
void log_request(const char *request_id); /* id put into each following line; NULL = none */

/* Pairs of (const char *key, const char *value) after msg, ended by NULL: log_info("listening", "socket", path, NULL) */
void log_debug(const char *msg, ...) __attribute__((sentinel));
void log_info(const char *msg, ...) __attribute__((sentinel));
void log_warn(const char *msg, ...) __attribute__((sentinel));
void log_error(const char *msg, ...) __attribute__((sentinel));

/* die(): an operator's mistake or a machine's failure, only in mains and on out of memory. BUG(): ours; aborts. */
void die(int exit_code, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
#define BUG(...) bug_(__FILE__, __LINE__, __VA_ARGS__)
void bug_(const char *file, int line, const char *fmt, ...) __attribute__((noreturn, format(printf, 3, 4)));

#endif
