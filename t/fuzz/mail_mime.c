/* Any bytes as a message to the parser; what it makes of them must survive the wire, whose decoder checks every promise of
 * message.h. */
#include <string.h>

#include "base/buf.h"
#include "base/pool.h"
#include "fuzz.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool warm;
	struct pool *p = pool_new();
	struct mail_message *m = message_new(p);
	int count;
	size_t total;
	if (!warm)
		mime_warm();
	warm = true;
	mime_parse(p, pool_dup(p, data, n), n, m);
	struct iovec *pieces = wire_encode(p, m, &count, &total);
	struct buf *b = buf_new(p, total);
	for (int i = 0; i < count; i++)
		buf_add(b, pieces[i].iov_base, pieces[i].iov_len);
	PROMISE(b->len == total && !b->full);
	PROMISE(wire_decode(p, b->data, b->len, message_new(p)));
	pool_free(p);
	return 0;
}
