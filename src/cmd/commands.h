/* The commands of countersign(1). argv[0] is the group's name. OK, a fault in p->op, or E_SYNTAX: called wrongly. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/program.h"
#include "db/migrate.h"

enum status command_user(struct program *p, int argc, char **argv);
enum status command_token(struct program *p, int argc, char **argv);
enum status command_mailbox(struct program *p, int argc, char **argv);
enum status command_config(struct program *p, int argc, char **argv);
enum status command_audit_verify(struct program *p, int argc, char **argv);
enum status command_doctor(struct program *p, int argc, char **argv);
enum status command_backup(struct program *p, int argc, char **argv);
enum status command_search_rebuild(struct program *p, int argc, char **argv);
enum status command_seed(struct program *p, int argc, char **argv);
int command_restore(struct program *p, int argc, char **argv); /* works on a closed database: gives the exit code */

enum status command_data_dirs(struct program *p); /* DATA and what is below it */

#endif
