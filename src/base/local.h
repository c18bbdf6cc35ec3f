/* Addresses that cannot leave this machine. */
#ifndef BASE_LOCAL_H
#define BASE_LOCAL_H

#include <stdbool.h>

/* unix:/path, or http:// to a loopback address written in digits (RFC 1122 3.2.1.3, RFC 4291 2.5.3), with a port and a
 * path when wanted. Never a name, "localhost" neither: where a name leads is decided elsewhere. */
bool address_is_local(const char *s);

#endif
