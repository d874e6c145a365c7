/* The conformance runner of lpchat for C. `../../README.md` describes what it reads and prints. */
#ifndef RUNNER_H
#define RUNNER_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lpchat.h>

/* --- the command -------------------------------------------------------------------------------------------------- */

/* One field: the argument at `key`, or the option of the call where `key` begins with `?`. */
struct field {
    char *key;
    char *value;
};

struct command {
    char *operation;
    char *target;
    /* Where to keep the object that it gives, or NULL. */
    char *keep;
    struct field fields[1024];
    size_t count;
};

/* A path: `path` and `name`, joined. */
struct path {
    char text[256];
};
struct path join(const char *path, const char *name);
struct path at(const char *path, size_t index);

/* The value at this path, or NULL. */
const char *value_at(const struct command *command, const char *path);
/* Whether any field lies below this path. */
int is_below(const struct command *command, const char *path);
int64_t whole(const char *text);

/* --- the answer --------------------------------------------------------------------------------------------------- */

void write_null(void);
void write_text(const char *text, size_t size);
/* A document as it is, on one line. */
void write_json(const char *json);
void write_whole(int64_t value);
void write_whole_32(int32_t value);
void write_double(double value);
void write_truth(int32_t value);
void begin_object(void);
void end_object(void);
void begin_list(void);
void end_list(void);
/* The name of the next member. */
void member(const char *name);

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* The object that the command is called on. */
const void *target_of(const struct command *command);
/* Keeps the object that a command gave, and says so. */
void give_object(const struct command *command, const char *kind, void *object, int32_t (*release)(void *object));

/* --- generated ---------------------------------------------------------------------------------------------------- */

struct operation {
    const char *name;
    /* Calls it and, where it succeeds, writes the member `ok`. Gives LPCHAT_OK at the end of an iteration too. */
    int32_t (*call)(const struct command *command, lpchat_error **error);
};

/* Ends with a name that is NULL. */
extern const struct operation operations[];
/* The members of an error. */
void write_error_details(const lpchat_error *error);

#endif
