/* Threads, forks, daemons, and exits with calls in flight. */
#include "harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static lpchat_error *error;

static void one_thread_from_the_first_call_on(void)
{
    lpchat_client *clients[10];
    lpchat_visitor_chat *chat = NULL;
    lpchat_service_domain *domain = NULL;
    int index;
    int before = thread_count();
    for (index = 0; index < 10; index++) clients[index] = sandbox_client();
    CHECK_OK(lpchat_visitor_chat_by_id(clients[0], "K1", &chat, &error));
    CHECK_INT(thread_count(), before);
    for (index = 0; index < 10; index++) {
        CHECK_OK(lpchat_client_retrieve_domain(clients[index], "agentVep", NULL, &domain, &error));
        lpchat_service_domain_free(domain);
    }
    CHECK_INT(thread_count(), before + 1);
    for (index = 0; index < 10; index++) lpchat_client_free(clients[index]);
    lpchat_visitor_chat_free(chat);
}

/* What a child does with what its parent made; its exit code. */
static int use(lpchat_client *client, lpchat_visitor_chat *chat, const lpchat_service_domain *domain)
{
    lpchat_chat_information *information = NULL;
    lpchat_service_domain *own = NULL;
    if (strcmp(lpchat_service_domain_service(domain), "agentVep") != 0) return 1;
    if (lpchat_client_retrieve_domain(client, "agentVep", NULL, &own, NULL) != LPCHAT_OK) return 2;
    if (lpchat_visitor_chat_retrieve_information(chat, NULL, &information, NULL) != LPCHAT_OK) return 3;
    if (lpchat_chat_information_state(information) == LPCHAT_CHAT_STATE_ABSENT) return 4;
    lpchat_chat_information_free(information);
    lpchat_service_domain_free(own);
    if (lpchat_visitor_chat_free(chat) != LPCHAT_OK) return 5;
    return lpchat_client_free(client) == LPCHAT_OK ? 0 : 6;
}

static volatile sig_atomic_t enough;

static void *keep_calling(void *client)
{
    while (!enough) {
        lpchat_service_domain *domain = NULL;
        lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, NULL);
        lpchat_service_domain_free(domain);
    }
    return NULL;
}

/* Holds the lock of the handles most of the time. */
static void *keep_making_handles(void *client)
{
    while (!enough) {
        lpchat_visitor_chat *chat = NULL;
        lpchat_visitor_chat_by_id(client, "K1", &chat, NULL);
        lpchat_visitor_chat_id(chat);
        lpchat_visitor_chat_free(chat);
    }
    return NULL;
}

static void ignore_log(void *user_data, int32_t level, const char *message, size_t message_len)
{
    (void)user_data, (void)level, (void)message, (void)message_len;
}

static void the_parents_client_works_in_fifty_children(void)
{
    lpchat_client *client = sandbox_client();
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_service_domain *domain = NULL;
    pthread_t busy[2];
    pid_t children[50];
    int index, good = 0;
    lpchat_chat_request_set_skill(request, "Human");
    CHECK_OK(lpchat_visitor_start_chat(client, request, NULL, &chat, &error));
    CHECK_OK(lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, &error));
    /* Other threads hold locks of the library while this one forks. */
    lpchat_set_log(ignore_log, LPCHAT_LOG_DEBUG, NULL);
    pthread_create(&busy[0], NULL, keep_calling, client);
    pthread_create(&busy[1], NULL, keep_making_handles, client);
    for (index = 0; index < 50; index++) {
        children[index] = fork();
        if (children[index] == 0) {
            alarm(30);
            _exit(use(client, chat, domain));
        }
    }
    for (index = 0; index < 50; index++) {
        int status = -1;
        waitpid(children[index], &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) good++;
        else fail_at(__FILE__, __LINE__, "child %d ends with status %d", index, status);
    }
    CHECK_INT(good, 50);
    enough = 1;
    for (index = 0; index < 2; index++) pthread_join(busy[index], NULL);
    lpchat_set_log(NULL, 0, NULL);
    CHECK_INT(use(client, chat, domain), 0);
    lpchat_service_domain_free(domain);
    lpchat_chat_request_free(request);
}

/* The classical way: fork, setsid, fork, and the first two end. The daemon reports through a file. */
static void a_daemon_uses_the_client_made_before(void)
{
    char path[] = "/tmp/lpchat-daemon-XXXXXX", report[16] = "";
    lpchat_client *client = sandbox_client();
    lpchat_service_domain *domain = NULL;
    int64_t end = now_ms() + 20000;
    int file = mkstemp(path), status;
    pid_t child;
    CHECK_OK(lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, &error));
    lpchat_service_domain_free(domain);
    child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            lpchat_visitor_chat *chat = NULL;
            lpchat_chat_request *request = lpchat_chat_request_new();
            int32_t code;
            umask(077);
            if (chdir("/") != 0) _exit(1);
            close(0), close(1), close(2);
            alarm(30);
            lpchat_chat_request_set_skill(request, "Human");
            code = lpchat_visitor_start_chat(client, request, NULL, &chat, NULL);
            if (code == LPCHAT_OK) code = lpchat_visitor_chat_end(chat, NULL, NULL);
            if (write(file, code == LPCHAT_OK ? "good" : "bad", 4) != 4) _exit(1);
            _exit(0);
        }
        _exit(0);
    }
    waitpid(child, &status, 0);
    while (report[0] == '\0' && now_ms() < end) {
        sleep_ms(10);
        if (pread(file, report, 4, 0) < 0) break;
    }
    CHECK_TEXT(report, "good");
    close(file);
    unlink(path);
    lpchat_client_free(client);
}

static void *never_returns(void *client)
{
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_information *information = NULL;
    lpchat_visitor_chat_by_id(client, "K1", &chat, NULL);
    lpchat_visitor_chat_retrieve_information(chat, NULL, &information, NULL);
    return NULL;
}

static void exit_with_calls_in_flight(struct tiny_server *server, int round)
{
    lpchat_client *client = tiny_client(server);
    pthread_t threads[3];
    int index;
    for (index = 0; index < 3; index++) pthread_create(&threads[index], NULL, never_returns, client);
    /* Some exits come before the requests have left, some after. */
    sleep_ms(round % 8);
    exit(7);
}

static void two_hundred_exits_with_calls_in_flight(void)
{
    check_exits(200, exit_with_calls_in_flight, 7);
}

static void clients_leave_nothing_behind(void)
{
    int round, files_before = 0, files_after = 0, index;
    lpchat_client *client;
    lpchat_service_domain *domain = NULL;
    for (round = 0; round < 2000; round++) {
        lpchat_visitor_chat *chat = NULL;
        client = sandbox_client();
        if (round % 100 == 0) {
            CHECK_OK(lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, &error));
            lpchat_service_domain_free(domain);
        }
        lpchat_visitor_chat_by_id(client, "K1", &chat, NULL);
        lpchat_visitor_chat_free(chat);
        lpchat_client_free(client);
        if (round == 500 || round == 1999) {
            int open = 0;
            for (index = 0; index < 1024; index++) open += fcntl(index, F_GETFD) != -1;
            if (round == 500) files_before = open;
            else files_after = open;
        }
    }
    CHECK(files_after <= files_before + 2);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN(one_thread_from_the_first_call_on);
    RUN(the_parents_client_works_in_fifty_children);
    RUN(a_daemon_uses_the_client_made_before);
    RUN(two_hundred_exits_with_calls_in_flight);
    RUN(clients_leave_nothing_behind);
    return finish_tests();
}
