/* Owns where things are. Never reads a file. Tests: t/unit/base_small.c */
#include "base/conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/banned.h"

static const char *env_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value && *value ? value : otherwise;
}

const char *conf_data(void)
{
	return env_or("COUNTERSIGN_DATA", "var");
}

const char *conf_share(void)
{
	return env_or("COUNTERSIGN_SHARE", PKGDATADIR);
}

const char *conf_db(void)
{
	static char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/countersign.db", conf_data());
	if (n < 0 || (size_t)n >= sizeof path)
		die(EX_CONFIG, "COUNTERSIGN_DATA is too long");
	return path;
}

char *conf_data_path(struct pool *p, const char *below)
{
	return pool_printf(p, "%s/%s", conf_data(), below);
}

char *conf_share_path(struct pool *p, const char *below)
{
	return pool_printf(p, "%s/%s", conf_share(), below);
}

bool conf_flag(const char *env_name)
{
	return strcmp(env_or(env_name, "0"), "0") != 0;
}
