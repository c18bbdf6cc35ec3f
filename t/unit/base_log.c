/* The log line: one JSON object, no secret, nothing that deceives a terminal. */
#include "../tap.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/pool.h"

static struct pool *pool;

/* What the last call wrote, parsed; NULL when it was not one JSON line. */
static struct json_object *line_of(int file)
{
	static off_t seen;
	char text[8192];
	ssize_t n = pread(file, text, sizeof text - 1, seen);
	if (n <= 0)
		return NULL;
	seen += n;
	struct json_object *o;
	const char *why;
	return text[n - 1] == '\n' && n <= 4096 && !json_parse(pool, text, (size_t)n - 1, &o, &why) ? o : NULL;
}

int main(void)
{
	pool = pool_new();
	char path[] = "/tmp/countersign-unit-XXXXXX";
	int file = mkstemp(path), err = dup(2);
	unlink(path);
	dup2(file, 2);
	log_open("test");
	log_request("r1");
	log_info("hello", "key", "a secret", "path", "/x", "Password", "p", "api_token", "t", "none", NULL, NULL);
	struct json_object *o = line_of(file);
	ok(o != NULL, "a line is one JSON object");
	is(json_text(o, "msg"), "hello", "message");
	is(json_text(o, "prog"), "test", "program");
	is(json_text(o, "req"), "r1", "request");
	is(json_text(o, "path"), "/x", "a pair");
	is(json_text(o, "key"), "[masked]", "a key is masked");
	is(json_text(o, "Password"), "[masked]", "a password is");
	is(json_text(o, "api_token"), "[masked]", "a token is");
	log_warn("bad \xff\x1b[31m\u202e\n", "x", "a\"b\\", NULL);
	o = line_of(file);
	ok(o != NULL, "bytes that are no text still make a line");
	is(json_text(o, "x"), "a\"b\\", "quotes survive");
	char big[20000];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	log_error("long", "big", big, "after", "y", NULL);
	ok(line_of(file) != NULL, "a line that is too long is cut and still JSON");
	log_debug("quiet", NULL);
	ok(line_of(file) == NULL, "debug lines are off");
	dup2(err, 2);
	pool_free(pool);
	return tap_done();
}
