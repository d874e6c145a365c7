/* What the C contestants share that poll chats: what the program does with events, whoever brings them. */
#include <stdlib.h>

#include "stopwatch.h"

typedef struct chat_user {
    long events, characters;
} chat_user;

static inline void user_read(chat_user *user, long expected, const char *id, const char *text) {
    if (atol(id) != expected) {
        fprintf(stderr, "the events of a chat came as %s and not as %ld\n", id, expected);
        exit(1);
    }
    user->events++;
    user->characters += (long)strlen(text);
}

static inline void user_report(const chat_user *user, stopwatch begun) {
    char check[64];
    snprintf(check, sizeof check, "%ld/%ld", user->events, user->characters);
    stopwatch_report(begun, (int)user->events, check);
}
