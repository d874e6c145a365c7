/* What the C contestants share: the sandbox, clocks, and how a result is reported. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CALLS = 2000 };

typedef struct stopwatch {
    double wall, cpu, main_thread;
} stopwatch;

/* A size from what the system knows of this process; its rusage would count what the parent had before the start. */
static inline long status_kib(const char *name) {
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0) sscanf(line + strlen(name), ": %ld", &kib);
    if (status) fclose(status);
    return kib;
}

/* The text of a member, good enough for the sandbox's own line and answers. */
static inline void member(const char *json, const char *name, char *out, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *start = strstr(json, key);
    if (!start) exit(1);
    start += strlen(key);
    snprintf(out, size, "%.*s", (int)strcspn(start, "\""), start);
}

static inline stopwatch stopwatch_read(void) {
    struct timespec time, thread;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &time);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &thread);
    getrusage(RUSAGE_SELF, &usage);
    stopwatch now = {
        (double)time.tv_sec + (double)time.tv_nsec / 1e9,
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
        (double)thread.tv_sec + (double)thread.tv_nsec / 1e9,
    };
    return now;
}

static inline void stopwatch_report(stopwatch begun, int iterations, const char *check) {
    stopwatch now = stopwatch_read();
    printf("{\"seconds\": %.9f, \"cpu\": %.9f, \"main_thread\": %.9f, \"check\": \"%s\", \"peak_kib\": %ld}\n",
           (now.wall - begun.wall) / iterations, (now.cpu - begun.cpu) / iterations, (now.main_thread - begun.main_thread) / iterations,
           check, status_kib("VmHWM"));
}
