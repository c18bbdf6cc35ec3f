/* The outermost part of the web programs: accept loop, sandbox, one pool per request, one log line per request. */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

/* app.fcgi: serves on descriptor 0 until SIGTERM; opens the connections, enters the sandbox first. Also understands
 * --help, --version, --selftest-sandbox, --selftest-db, --routes (the table as JSON, for tests and documentation). */
int serve_fastcgi(int argc, char **argv);
/* admin.cgi: exactly one request from the CGI environment. */
int serve_cgi(int argc, char **argv);

#endif
