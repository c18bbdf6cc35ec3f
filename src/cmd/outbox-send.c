/* outbox-send: delivers what may leave. Started by cron every minute; two at once do no harm. Tests: t/50-digest.t */
#include <stdio.h>

#include "cmd/program.h"
#include "send/transport.h"
#include "base/banned.h"

static const char usage[] =
	"Usage: outbox-send\nDelivers what waits in the outbox and may leave. Exit status 75: try again later.\n";

int main(int argc, char **argv)
{
	static const struct actor sender = {
		.kind = ACTOR_SYSTEM, .via = VIA_CRON, .username = "sender", .name = "Sender"};
	struct program p;
	int sent, failed;
	program_start(&p, "outbox-send", usage, argc, argv);
	if (argc > 1)
		return program_misused(&p, "it takes no words");
	program_open(&p, DB_SYSTEM, &sender);
	enum status st = deliver_all(&p.op, &sent, &failed);
	if (sent || failed)
		printf("%d sent, %d failed\n", sent, failed);
	if (!st && failed)
		st = fail(&p.op, E_BUSY, NULL, "%d could not be delivered", failed);
	return program_end(&p, st);
}
