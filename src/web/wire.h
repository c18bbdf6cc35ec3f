/* Where a request comes from and its reply goes: FastCGI or CGI, told apart here and nowhere else. */
#ifndef WEB_WIRE_H
#define WEB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct wire {
	const char *(*param)(struct wire *w, const char *name); /* a CGI variable (RFC 3875); NULL when absent */
	size_t (*read)(struct wire *w, char *to, size_t n);     /* the body; 0 at its end */
	/* The whole reply, once: its parts one after the other. false: the peer has gone. */
	bool (*write)(struct wire *w, const struct iovec *parts, int n);
};

#endif
