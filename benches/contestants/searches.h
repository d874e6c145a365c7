/* What the C contestants share that search: eight fields and the texts of all lines are read of each record. */
#include "stopwatch.h"

/* Searches take so many records, which start so many milliseconds after one another, in pages of so many. */
enum { RECORDS = 2000, PAGE = 100, CONCURRENCY = 8 };
static const long long START = 1777593600000LL, STEP = 256000LL;

typedef struct search_user {
    long seen, bytes;
} search_user;

static inline void read_field(search_user *user, const char *text) {
    user->seen += text && text[0] != '\0';
}

static inline void decode_report(const search_user *user, stopwatch begun, int pages) {
    char check[64];
    snprintf(check, sizeof check, "%ld/%ld", user->seen, user->bytes);
    stopwatch_report(begun, pages, check);
}

static inline void search_report(const search_user *user, stopwatch begun) {
    decode_report(user, begun, 1);
}
