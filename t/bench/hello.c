/* The reference of every web bench: the least a FastCGI program can do, behind the same nginx with the same number of
 * processes. HELLO_BYTES makes the reply as large as the page it stands beside. Never part of the product. */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	FCGX_Request r;
	const char *env = getenv("HELLO_BYTES");
	int n = env ? (int)strtol(env, NULL, 10) : 13;
	char *body = malloc((size_t)n + 1);
	if (!body || n < 0 || FCGX_Init() || FCGX_InitRequest(&r, 0, 0))
		return 1;
	memset(body, 'x', (size_t)n);
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_FPrintF(r.out, "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n", n);
		FCGX_PutStr(body, n, r.out);
		FCGX_Finish_r(&r);
	}
	free(body);
	return 0;
}
