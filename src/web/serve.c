/* Owns the outermost part of the web programs: connections, sandbox, one pool for each request.
 * Tests: t/60-sandbox.t and everything that asks a server */
#include "web/serve.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <sched.h>
#include <signal.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"

#include "base/conf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/str.h"
#include "db/db.h"
#include "web/inside.h"
#include "web/sandbox.h"
#include "base/banned.h"

#define ASSET_MAX ((size_t)4 << 20)

static struct pool *forever;
static volatile sig_atomic_t stopping;

/* ---- what is open before the sandbox closes ---- */
/* Of all of them: browsers keep each for a year under the address that holds it. */
static const char *assets_hash(void)
{
	struct pool *p = pool_new();
	struct sha256 *h = sha256_new(p);
	const char *dir = conf_share_path(p, "static");
	size_t count, n;
	char **files = dir_list(p, dir, &count), *data;
	for (; files && *files; files++)
		if (strchr(*files, '.') /* no directory of ours has one */ &&
			file_read(p, pool_printf(p, "%s/%s", dir, *files), ASSET_MAX, &data, &n) == OK)
			sha256_add(h, data, n);
	char hex[SHA256_HEX];
	sha256_end(h, hex);
	pool_free(p);
	return pool_strndup(forever, hex, 12);
}

static void open_one(enum db_mode mode, struct db **db)
{
	if (db_open(conf_db(), mode, db))
		die(EX_UNAVAILABLE, "the database %s cannot be opened; run `countersign migrate` first", conf_db());
}

static void open_all(void)
{
	forever = pool_new();
	open_one(DB_READ, &web.read);
	open_one(DB_HUMAN, &web.human);
	open_one(DB_AGENT, &web.agent);
	web.templates = tmpl_open(conf_share_path(forever, "templates"), conf_flag("COUNTERSIGN_RELOAD"));
	web.strict = conf_flag("COUNTERSIGN_STRICT");
	web.assets = assets_hash();
	/* A time zone's first use reads its file; Landlock lets the directory through. */
}

static void close_all(void)
{
	db_close(web.read);
	db_close(web.human);
	db_close(web.agent);
	tmpl_close(web.templates);
	pool_free(forever);
}

/* The database's directory is written (its -wal and -shm, the lock), but not what else is below it: secrets/ has its
 * own owner, and Landlock names the files one by one. */
static void enter_sandbox(void)
{
	const char *read[] = {conf_share_path(forever, "templates"), conf_data_path(forever, "mail"),
		"/usr/share/zoneinfo", "/etc/localtime", "/proc/self", NULL};
	const char *write[] = {conf_db(), pool_printf(forever, "%s-wal", conf_db()),
		pool_printf(forever, "%s-shm", conf_db()), conf_data_path(forever, "run"), "/dev/null", "/dev/urandom",
		NULL};
	if (!sandbox_enter(&(struct sandbox_paths){read, write}))
		die(EX_OSERR, "the sandbox cannot be entered");
}

/* ---- switches ---- */
static const char *const verb_names[] = {"GET", "POST", "PATCH", "PUT", "DELETE", NULL};

static int print_routes(void)
{
	static const char *const access_names[] = {"public", "reader", "writer", "signer", "admin"};
	struct pool *p = pool_new();
	struct json_object *all = json_arr(p);
	for (size_t i = 0; i < routes_count; i++) {
		struct json_object *o = json_push_obj(all);
		json_set_text(o, "page_verb", verb_names[routes[i].page_verb]);
		json_set_text(o, "page_path", routes[i].page_path);
		json_set_text(o, "api_verb", verb_names[routes[i].api_verb]);
		json_set_text(o, "api_path", *routes[i].api_path ? pool_printf(p, "/api%s", routes[i].api_path) : "");
		json_set_text(o, "access", access_names[routes[i].access]);
		json_set_text(o, "template", routes[i].template);
	}
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	pool_free(p);
	return 0;
}

static int selftest_db(void)
{
	open_all();
	struct db *const all[] = {web.read, web.human, web.agent};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		db_print_settings(all[i]);
	close_all();
	return 0;
}

static int selftest_sandbox(void)
{
	open_all();
	char *secrets = conf_data_path(forever, "secrets");
	const char *most =
		getenv("COUNTERSIGN_SELFTEST_LANDLOCK"); /* read here only: nothing that serves looks at it */
	int64_t abi = INT_MAX;
	if (most && !str_i64(most, 0, INT_MAX, &abi))
		die(EX_USAGE, "COUNTERSIGN_SELFTEST_LANDLOCK is not the number of an ABI");
	if (!sandbox_selftest_begin(conf_data(), (int)abi))
		die(EX_OSERR, "the self-test cannot make its file in %s", conf_data());
	enter_sandbox();
	int bad = sandbox_selftest(secrets);
	close_all();
	fflush(stdout);
	_exit(bad ? EX_SOFTWARE : 0);
}

static int usage(const char *prog, FILE *to)
{
	fprintf(to,
		"Usage: %s [--help | --version | --routes | --selftest-db | --selftest-sandbox]\n"
		"Without an option: answers requests from the web server.\n",
		prog);
	return to == stdout ? 0 : EX_USAGE;
}

/* -1: serve. */
static int switches(const char *prog, int argc, char **argv)
{
	if (argc < 2)
		return -1;
	if (str_eq(argv[1], "--version")) {
		printf("%s %s\n", prog, PACKAGE_VERSION);
		return 0;
	}
	if (str_eq(argv[1], "--routes"))
		return print_routes();
	if (str_eq(argv[1], "--selftest-db"))
		return selftest_db();
	if (str_eq(argv[1], "--selftest-sandbox"))
		return selftest_sandbox();
	return usage(prog, str_eq(argv[1], "--help") ? stdout : stderr);
}

/* Without what runs at exit: AddressSanitizer's leak check needs what the sandbox took away. */
__attribute__((noreturn)) static void leave(void)
{
	fflush(stdout);
	_exit(0);
}

/* ---- one request ---- */
static void serve_one(struct wire *wire, struct pool *p)
{
	struct req *r = pool_alloc(p, sizeof *r);
	r->wire = wire;
	op_init(&r->op, p, NULL, NULL, NULL);
	route_serve(r);
	pool_clear(p);
}

/* ---- FastCGI ---- */
struct fcgi_wire {
	struct wire wire;
	FCGX_Request request;
	bool ended; /* the reply went out with what ends it */
};

static const char *fcgi_param(struct wire *w, const char *name)
{
	return FCGX_GetParam(name, ((struct fcgi_wire *)w)->request.envp);
}

static size_t fcgi_read(struct wire *w, char *to, size_t n)
{
	int got = FCGX_GetStr(to, n > 65536 ? 65536 : (int)n, ((struct fcgi_wire *)w)->request.in);
	return got > 0 ? (size_t)got : 0;
}

#define PARTS_MAX 3

static FCGI_Header record_of(const FCGX_Request *request, unsigned char type, size_t len)
{
	return (FCGI_Header){.version = FCGI_VERSION_1,
		.type = type,
		.requestIdB1 = (unsigned char)(request->requestId >> 8),
		.requestIdB0 = (unsigned char)request->requestId,
		.contentLengthB1 = (unsigned char)(len >> 8),
		.contentLengthB0 = (unsigned char)len};
}

static bool send_all(int fd, struct iovec *at, int n)
{
	while (n) {
		ssize_t sent = writev(fd, at, n);
		if (sent < 0 && errno != EINTR)
			return false;
		for (; n && sent >= 0 && (size_t)sent >= at->iov_len; at++, n--)
			sent -= (ssize_t)at->iov_len;
		if (n && sent > 0) {
			at->iov_base = (char *)at->iov_base + sent;
			at->iov_len -= (size_t)sent;
		}
	}
	return true;
}

/* All of it as one record (FastCGI 1.0, 3.3) and the two that end the reply, in one system call: libfcgi's stream gives the
 * web server 8 KiB at a time and then the end, and wakes it for each. */
static bool send_reply(FCGX_Request *request, const struct iovec *parts, int n, size_t total)
{
	FCGI_Header head = record_of(request, FCGI_STDOUT, total);
	struct {
		FCGI_Header eof;
		FCGI_EndRequestRecord end;
	} tail = {
		record_of(request, FCGI_STDOUT, 0), {record_of(request, FCGI_END_REQUEST, sizeof(FCGI_EndRequestBody)),
							    {.protocolStatus = FCGI_REQUEST_COMPLETE}}};
	struct iovec all[2 + PARTS_MAX] = {{&head, sizeof head}};
	memcpy(all + 1, parts, (size_t)n * sizeof *parts);
	all[1 + n] = (struct iovec){&tail, sizeof tail};
	return send_all(request->ipcFd, all, n + 2);
}

static bool fcgi_write(struct wire *wire, const struct iovec *parts, int n)
{
	struct fcgi_wire *w = (struct fcgi_wire *)wire;
	size_t total = 0;
	bool good = n <= PARTS_MAX;
	for (int i = 0; i < n; i++)
		total += parts[i].iov_len;
	w->ended = good && total <= FCGI_MAX_LENGTH;
	if (w->ended)
		return send_reply(&w->request, parts, n, total);
	for (int i = 0; i < n && good; i++)
		good = FCGX_PutStr(parts[i].iov_base, (int)parts[i].iov_len, w->request.out) >= 0;
	return good;
}

/* libfcgi waits for the web server to hang up first, lest closing cut off what is still on its way. Where all was said and
 * all was heard there is nothing to wait for; but the others come first. A worker that never waits is put aside when its time is
 * up, in the middle of a request, and that one request then waits for all of them. */
static void finish(struct fcgi_wire *w)
{
	FCGX_Request *request = &w->request;
	if (!w->ended) {
		FCGX_Finish_r(request);
		return;
	}
	bool heard = FCGX_GetChar(request->in) == EOF;
	FCGX_Free(request, !heard);
	if (heard) {
		close(request->ipcFd);
		request->ipcFd = -1;
		sched_yield();
	}
	w->ended = false;
}

static void on_term(int signal)
{
	(void)signal;
	stopping = 1;
	FCGX_ShutdownPending();
}

int serve_fastcgi(int argc, char **argv)
{
	log_open("app");
	int rc = switches("app.fcgi", argc, argv);
	if (rc >= 0)
		return rc;
	open_all();
	/* accept() must return on a signal: no SA_RESTART. */
	struct sigaction term = {.sa_handler = on_term}, ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGUSR1, &term, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	if (FCGX_IsCGI())
		die(EX_USAGE, "app.fcgi is started by spawn-fcgi, with its socket as descriptor 0");
	struct fcgi_wire w = {.wire = {fcgi_param, fcgi_read, fcgi_write}};
	FCGX_Init();
	FCGX_InitRequest(&w.request, 0, FCGI_FAIL_ACCEPT_ON_INTR);
	enter_sandbox();
	struct pool *p = pool_new();
	while (!stopping && FCGX_Accept_r(&w.request) >= 0) {
		serve_one(&w.wire, p);
		finish(&w);
	}
	pool_free(p);
	FCGX_Free(&w.request, 1);
	close_all();
	leave();
}

/* ---- CGI (RFC 3875) ---- */
static const char *cgi_param(struct wire *w, const char *name)
{
	(void)w;
	return getenv(name);
}

static size_t cgi_read(struct wire *w, char *to, size_t n)
{
	(void)w;
	return fread(to, 1, n, stdin);
}

static bool cgi_write(struct wire *w, const struct iovec *parts, int n)
{
	(void)w;
	bool good = true;
	for (int i = 0; i < n && good; i++)
		good = fwrite(parts[i].iov_base, 1, parts[i].iov_len, stdout) == parts[i].iov_len;
	return good;
}

int serve_cgi(int argc, char **argv)
{
	log_open("admin");
	int rc = switches("admin.cgi", argc, argv);
	if (rc >= 0)
		return rc;
	if (!getenv("REQUEST_METHOD"))
		return usage("admin.cgi", stderr);
	open_all();
	enter_sandbox();
	struct wire w = {cgi_param, cgi_read, cgi_write};
	struct pool *p = pool_new();
	serve_one(&w, p);
	pool_free(p);
	close_all();
	leave();
}
