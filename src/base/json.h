/* json-c behind one strict door.
 *
 * json_parse() refuses what json-c lets through: duplicate keys (compared decoded), integers outside 64 bits, invalid
 * UTF-8, nesting past 32, trailing bytes, NUL. Objects made here are tied to a pool; a child belongs to its parent, so
 * only roots are tied. Keys passed to the setters must be literals or live as long as the object. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct buf;
struct pool;

/* OK, or E_SYNTAX with *why = a short literal reason. */
enum status json_parse(struct pool *p, const char *s, size_t n, struct json_object **out, const char **why);

struct json_object *json_obj(struct pool *p); /* a root object that goes with the pool */
struct json_object *json_arr(struct pool *p);
struct json_object *json_tie(struct pool *p, struct json_object *o); /* gives a root made elsewhere to the pool */

/* Setters take ownership of `child`; text is copied; NULL text or child becomes JSON null. */
void json_set(struct json_object *o, const char *key, struct json_object *child);
void json_set_text(struct json_object *o, const char *key, const char *s);
void json_set_int(struct json_object *o, const char *key, int64_t n);
void json_set_bool(struct json_object *o, const char *key, bool b);
struct json_object *json_add_obj(struct json_object *o, const char *key); /* new child object, returned borrowed */
struct json_object *json_add_arr(struct json_object *o, const char *key);
struct json_object *json_push_obj(struct json_object *array);
void json_push_text(struct json_object *array, const char *s);
void json_push_int(struct json_object *array, int64_t n);

/* Getters never fail: absent or of another type gives NULL / 0 / false. Results are borrowed. */
struct json_object *json_get(struct json_object *o, const char *key);
/* Whether there is the key, null included. `hash` keeps what json-c makes of the key from one call to the next (0 at
 * first): for who asks many objects for the same. */
bool json_find(struct json_object *o, const char *key, unsigned long *hash, struct json_object **child);
const char *json_text(struct json_object *o, const char *key);
int64_t json_int(struct json_object *o, const char *key);
bool json_true(struct json_object *o, const char *key);
size_t json_len(struct json_object *array); /* 0 for anything but an array */
struct json_object *json_at(struct json_object *array, size_t i);

/* Compact text, keys in insertion order: the canonical bytes that a proposal's SHA-256 covers. */
const char *json_bytes(struct pool *p, struct json_object *o, size_t *len);
void json_write(struct buf *b, struct json_object *o);

#endif
