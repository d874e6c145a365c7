/* What the tests share: checks, the sandbox, and tiny servers that misbehave. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lpchat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- checks ------------------------------------------------------------------------------------------------------- */

/* Fails the test that runs, and says where. */
void fail_at(const char *file, int line, const char *format, ...);

#define CHECK(condition) \
    do { \
        if (!(condition)) fail_at(__FILE__, __LINE__, "%s", #condition); \
    } while (0)

#define CHECK_INT(expression, expected) check_int_at(__FILE__, __LINE__, #expression, (int64_t)(expression), (int64_t)(expected))
#define CHECK_TEXT(expression, expected) check_text_at(__FILE__, __LINE__, #expression, (expression), (expected))
/* That the text holds the part. */
#define CHECK_HOLDS(expression, part) check_holds_at(__FILE__, __LINE__, #expression, (expression), (part))
/* That the call succeeded; says and frees the error otherwise. */
#define CHECK_OK(call) check_ok_at(__FILE__, __LINE__, #call, (call), &error)
/* That the call failed with this code and a text that holds the part; frees the error. */
#define CHECK_FAILS(call, code, part) check_fails_at(__FILE__, __LINE__, #call, (call), (code), (part), &error)

void check_int_at(const char *file, int line, const char *what, int64_t found, int64_t expected);
void check_text_at(const char *file, int line, const char *what, const char *found, const char *expected);
void check_holds_at(const char *file, int line, const char *what, const char *found, const char *part);
int check_ok_at(const char *file, int line, const char *what, int32_t code, lpchat_error **error);
void check_fails_at(const char *file, int line, const char *what, int32_t code, int32_t expected, const char *part, lpchat_error **error);

/* Runs one test and prints `ok NAME` or `FAILED NAME`. */
void run_test(const char *name, void (*test)(void));
#define RUN(test) run_test(#test, test)
/* What main returns: 0 where every test passed. */
int finish_tests(void);

/* --- time --------------------------------------------------------------------------------------------------------- */

int64_t now_ms(void);
void sleep_ms(int milliseconds);

/* --- the sandbox -------------------------------------------------------------------------------------------------- */

/* The configuration line of a sandbox, which is started for this process and ends with it. */
const char *sandbox(void);
/* The sandbox's time, in milliseconds. */
int64_t sandbox_now(void);
/* Options of a client of that sandbox, with short pauses. */
lpchat_client_options *sandbox_options(void);
/* A client of that sandbox. */
lpchat_client *sandbox_client(void);
/* Sends `POST path` with a JSON body to the sandbox's admin interface; whether it answered 2xx. */
int sandbox_admin(const char *path, const char *body);

/* --- tiny servers -------------------------------------------------------------------------------------------------- */

enum tiny_mode {
    /* Answers with what `tiny_server_say` set. */
    TINY_SAYS,
    /* Reads the request and never answers. */
    TINY_HANGS,
    /* Answers the first half of what was set and closes. */
    TINY_BREAKS,
    /* Closes at once, with a reset. */
    TINY_RESETS,
};

struct tiny_server;

/* A server that finds every service at itself; requests to the domain look-up are answered in every mode. */
struct tiny_server *tiny_server_new(enum tiny_mode mode);
/* What it answers: a status line's rest, headers that each end in CRLF, and a body. Copied. */
void tiny_server_say(struct tiny_server *server, const char *status, const char *headers, const char *body, size_t body_size);
/* How many requests other than look-ups have come. */
int tiny_server_requests(struct tiny_server *server);
/* Waits until so many requests have come; whether they did. */
int tiny_server_wait_requests(struct tiny_server *server, int count, int milliseconds);
/* Waits until a hanging connection was closed by its client; whether it was. */
int tiny_server_wait_disconnects(struct tiny_server *server, int count, int milliseconds);
/* Options of a client of it, with an application key and no other credential. */
lpchat_client_options *tiny_options(struct tiny_server *server);
/* A client of it, which has a bearer too. */
lpchat_client *tiny_client(struct tiny_server *server);
/* The same, timeout in milliseconds. */
lpchat_client *tiny_client_timeout(struct tiny_server *server, int64_t timeout_ms);
void tiny_server_free(struct tiny_server *server);

/* --- processes ---------------------------------------------------------------------------------------------------- */

/* How many threads this process has. */
int thread_count(void);
/* Forks so many children, one after the other, which call `child` with a server that hangs. Each must end with this code
   within 2 s and say nothing on its standard error. */
void check_exits(int rounds, void (*child)(struct tiny_server *server, int round), int code);

#ifdef __cplusplus
}
#endif

#endif
