/* The hook of web/login.c: who makes an account is a room above. Set once, in main. */
#ifndef WEB_LOGIN_H
#define WEB_LOGIN_H

#include <stdint.h>

#include "web/req.h"

#define LOGIN_FAILURE_SECONDS 86400 /* how long a failed login counts: longer than all the waits before the longest */

/* Makes the first administrator; E_INPUT names username, name, email or password. */
extern enum status (*login_create_admin)(
	struct op *op, const char *username, const char *name, const char *email, const char *password, int64_t *id);

enum status login_form(struct req *r);
enum status login_submit(struct req *r);
enum status logout_submit(struct req *r);
enum status setup_form(struct req *r);
enum status setup_submit(struct req *r);
enum status auth_login(struct req *r);
enum status auth_logout(struct req *r);
enum status auth_me(struct req *r);

#endif
