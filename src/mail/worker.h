/* The process that parses: what is left of it after the sandbox. For parser.c only. */
#ifndef MAIL_WORKER_H
#define MAIL_WORKER_H

/* Gives up everything but its socket and its memory, then answers requests (wire.h) until the socket ends. Inherits no
 * other descriptor, or none that is open. Never returns. */
void worker_run(int fd) __attribute__((noreturn));

#endif
