/* What the C contestants share: clocks, and how a result is reported. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CALLS = 2000 };

typedef struct stopwatch {
    double wall, cpu;
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

static inline stopwatch stopwatch_read(void) {
    struct timespec time;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &time);
    getrusage(RUSAGE_SELF, &usage);
    stopwatch now = {
        (double)time.tv_sec + (double)time.tv_nsec / 1e9,
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
    };
    return now;
}

static inline void stopwatch_report(stopwatch begun, int iterations, const char *check) {
    stopwatch now = stopwatch_read();
    printf("{\"seconds\": %.9f, \"cpu\": %.9f, \"check\": \"%s\", \"peak_kib\": %ld}\n", (now.wall - begun.wall) / iterations,
           (now.cpu - begun.cpu) / iterations, check, status_kib("VmHWM"));
}
