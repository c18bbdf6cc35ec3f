/* Where things are. Everything follows from two environment variables (with defaults compiled in):
 * COUNTERSIGN_DATA   the data directory: countersign.db, mail/, secrets/, run/, log/, backups/
 * COUNTERSIGN_SHARE  templates/, migrations/, static/ (the source tree in development)
 * What a fund sets (time zone, own domains, digest hour) is in the settings table, see core/settings.h. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>

struct pool;

const char *conf_data(void);
const char *conf_share(void);
const char *conf_db(void);                               /* …/countersign.db */
char *conf_data_path(struct pool *p, const char *below); /* "mail/store" → DATA/mail/store */
char *conf_share_path(struct pool *p, const char *below);
bool conf_flag(const char *env_name); /* set and not "" or "0" */

#endif
