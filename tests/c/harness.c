/* Checks, the sandbox, and what belongs to neither. The tiny servers are in tiny_server.c. */
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failures_now;
static int failed_tests;

void fail_at(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    failures_now++;
    printf("  %s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void check_int_at(const char *file, int line, const char *what, int64_t found, int64_t expected)
{
    if (found != expected) fail_at(file, line, "%s is %lld, not %lld", what, (long long)found, (long long)expected);
}

void check_text_at(const char *file, int line, const char *what, const char *found, const char *expected)
{
    if (found == NULL || expected == NULL) {
        if (found != expected) fail_at(file, line, "%s is %s, not %s", what, found ? found : "NULL", expected ? expected : "NULL");
    } else if (strcmp(found, expected) != 0) {
        fail_at(file, line, "%s is \"%s\", not \"%s\"", what, found, expected);
    }
}

void check_holds_at(const char *file, int line, const char *what, const char *found, const char *part)
{
    if (found == NULL || strstr(found, part) == NULL)
        fail_at(file, line, "%s is \"%s\" and does not hold \"%s\"", what, found ? found : "NULL", part);
}

int check_ok_at(const char *file, int line, const char *what, int32_t code, lpchat_error **error)
{
    if (code == LPCHAT_OK) return 1;
    fail_at(file, line, "%s gives %s: %s", what, lpchat_code_name(code), *error ? lpchat_error_text(*error) : "");
    lpchat_error_free(*error);
    *error = NULL;
    return 0;
}

void check_fails_at(const char *file, int line, const char *what, int32_t code, int32_t expected, const char *part, lpchat_error **error)
{
    if (code != expected) fail_at(file, line, "%s gives %s, not %s", what, lpchat_code_name(code), lpchat_code_name(expected));
    if (*error == NULL) {
        if (code != LPCHAT_OK) fail_at(file, line, "%s gives no error", what);
        return;
    }
    check_int_at(file, line, "its error's code", lpchat_error_code(*error), code);
    check_holds_at(file, line, "its error's text", lpchat_error_text(*error), part);
    lpchat_error_free(*error);
    *error = NULL;
}

void run_test(const char *name, void (*test)(void))
{
    failures_now = 0;
    test();
    if (failures_now) failed_tests++;
    printf("%s %s\n", failures_now ? "FAILED" : "ok", name);
    fflush(stdout);
}

int finish_tests(void)
{
    return failed_tests ? 1 : 0;
}

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(int milliseconds)
{
    struct timespec pause;
    pause.tv_sec = milliseconds / 1000;
    pause.tv_nsec = (long)(milliseconds % 1000) * 1000000;
    nanosleep(&pause, NULL);
}

int thread_count(void)
{
    char line[256];
    int count = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) sscanf(line, "Threads: %d", &count);
    if (status != NULL) fclose(status);
    return count;
}

/* The sandbox ends when its standard input closes: this end of the pipe is never written to. */
static int keep_open = -1;
static char line[8192];

const char *sandbox(void)
{
    const char *program = getenv("LPCHAT_SANDBOX");
    int input[2], output[2];
    size_t length = 0;
    if (line[0] != '\0') return line;
    if (program == NULL) program = "lpchat-sandbox";
    if (pipe(input) != 0 || pipe(output) != 0) abort();
    if (fork() == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        close(input[1]);
        close(output[0]);
        execlp(program, program, "--port", "0", "--seed", "7", "--switch", "agent_accept_ms=50", (char *)NULL);
        perror(program);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    fcntl(input[1], F_SETFD, FD_CLOEXEC);
    keep_open = input[1];
    while (length < sizeof line - 1 && read(output[0], line + length, 1) == 1 && line[length] != '\n') length++;
    line[length] = '\0';
    close(output[0]);
    if (length == 0) {
        fprintf(stderr, "harness: %s does not start; LPCHAT_SANDBOX names it\n", program);
        exit(2);
    }
    return line;
}

int64_t sandbox_now(void)
{
    const char *said = strstr(sandbox(), "\"now\":\"");
    int64_t now = 0;
    char text[32] = "";
    memcpy(text, said + strlen("\"now\":\""), 24);
    CHECK_INT(lpchat_timestamp_parse(text, &now, NULL), LPCHAT_OK);
    return now;
}

lpchat_client_options *sandbox_options(void)
{
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client_options_set_sandbox(options, sandbox());
    lpchat_client_options_add_server_error_pause_ms(options, 5);
    lpchat_client_options_set_throttle_pause_ms(options, 5);
    return options;
}

lpchat_client *sandbox_client(void)
{
    lpchat_client_options *options = sandbox_options();
    lpchat_client *client = NULL;
    lpchat_error *error = NULL;
    CHECK_OK(lpchat_client_new(options, &client, &error));
    lpchat_client_options_free(options);
    return client;
}

int sandbox_admin(const char *path, const char *body)
{
    struct sockaddr_in address;
    char text[4096];
    const char *origin = strstr(sandbox(), "\"admin_origin\":\"http://127.0.0.1:");
    int status = 0, connection = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(origin + strlen("\"admin_origin\":\"http://127.0.0.1:")));
    if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) {
        int size = snprintf(text, sizeof text,
                            "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %lu\r\nConnection: close\r\n\r\n%s",
                            path, (unsigned long)strlen(body), body);
        if (write(connection, text, (size_t)size) == size) {
            ssize_t got = read(connection, text, sizeof text - 1);
            text[got > 0 ? got : 0] = '\0';
            sscanf(text, "HTTP/1.1 %d", &status);
        }
    }
    close(connection);
    return status >= 200 && status < 300;
}

void check_exits(int rounds, void (*child)(struct tiny_server *server, int round), int code)
{
    struct tiny_server *server = tiny_server_new(TINY_HANGS);
    int round, good = 0, quiet = 0, slow = 0;
    for (round = 0; round < rounds; round++) {
        int errors[2], status = -1;
        char said[256];
        int64_t begin = now_ms();
        pid_t process;
        if (pipe(errors) != 0) abort();
        process = fork();
        if (process == 0) {
            dup2(errors[1], 2);
            alarm(30);
            child(server, round);
        }
        close(errors[1]);
        quiet += read(errors[0], said, sizeof said) == 0;
        close(errors[0]);
        waitpid(process, &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == code;
        slow += now_ms() - begin > 2000;
    }
    CHECK_INT(good, rounds);
    CHECK_INT(quiet, rounds);
    CHECK_INT(slow, 0);
    tiny_server_free(server);
}
