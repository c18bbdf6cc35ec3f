/* What all programs at the shell do alike: options, the connection, saying what went wrong, exit codes (sysexits(3)). */
#ifndef CMD_PROGRAM_H
#define CMD_PROGRAM_H

#include <stdbool.h>

#include "db/db.h"
#include "db/op.h"

struct program {
	const char *name;
	const char *usage; /* everything --help prints */
	struct pool *pool;
	struct op op;
	bool json;
};

/* Handles --help and --version (exits), sets up pool and log. */
void program_start(struct program *p, const char *name, const char *usage, int argc, char **argv);
/* Opens the database for p->op. Dies with a sentence when it cannot. */
void program_open(struct program *p, enum db_mode mode, const struct actor *actor);
/* Prints the faults to stderr, closes all, gives the exit code of st. */
int program_end(struct program *p, enum status st);

/* --name VALUE: taken out of argv; NULL when absent; dies (64) without a value. --name alone: option_flag. */
const char *option_value(struct program *p, int *argc, char **argv, const char *name);
bool option_flag(int *argc, char **argv, const char *name);
int program_misused(struct program *p, const char *what); /* prints what and the usage; gives 64 */

/* A person at the machine's own shell: the first active administrator, for the audit log needs a name. */
struct actor shell_actor(struct op *op);

#endif
