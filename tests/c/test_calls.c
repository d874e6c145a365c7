/* Cancelling, time limits, options of a call, and the log. */
#include "harness.h"

#include <pthread.h>

static lpchat_error *error;

struct cancelling {
    struct tiny_server *server;
    lpchat_call *call;
    int round;
    int64_t cancelled_at;
};

/* Cancels the call when its request is with the server. */
static void *cancel(void *argument)
{
    struct cancelling *own = argument;
    CHECK(tiny_server_wait_requests(own->server, own->round, 5000));
    own->cancelled_at = now_ms();
    CHECK_INT(lpchat_call_cancel(own->call), LPCHAT_OK);
    return NULL;
}

static void another_thread_cancels_and_the_server_sees_it(void)
{
    struct tiny_server *server = tiny_server_new(TINY_HANGS);
    lpchat_client *client = tiny_client(server);
    lpchat_call_options *options = lpchat_call_options_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_information *information = NULL;
    lpchat_service_domain *domain = NULL;
    int round, prompt = 0;
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    /* So that no round waits for the look-up. */
    CHECK_OK(lpchat_client_retrieve_domain(client, "conversationVep", NULL, &domain, &error));
    lpchat_service_domain_free(domain);
    for (round = 1; round <= 50; round++) {
        struct cancelling own = {server, NULL, round, 0};
        pthread_t thread;
        int64_t ended_at;
        CHECK_OK(lpchat_call_new(&own.call, &error));
        CHECK_INT(lpchat_call_options_set_call(options, own.call), LPCHAT_OK);
        pthread_create(&thread, NULL, cancel, &own);
        CHECK_FAILS(lpchat_visitor_chat_retrieve_information(chat, options, &information, &error), LPCHAT_CANCELLED, "cancelled");
        ended_at = now_ms();
        pthread_join(thread, NULL);
        prompt += ended_at - own.cancelled_at < 100;
        CHECK(tiny_server_wait_disconnects(server, round, 1000));
        CHECK_INT(lpchat_call_is_cancelled(own.call), 1);
        /* What comes after the cancelling does not begin. */
        CHECK_FAILS(lpchat_visitor_chat_retrieve_information(chat, options, &information, &error), LPCHAT_CANCELLED, "cancelled");
        CHECK_INT(lpchat_call_free(own.call), LPCHAT_OK);
    }
    CHECK_INT(tiny_server_requests(server), 50);
    /* A busy machine may let a thread wait now and then. */
    CHECK(prompt >= 45);
    lpchat_call_options_free(options);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
    tiny_server_free(server);
}

struct blocked {
    lpchat_visitor_chat *chat;
    lpchat_call_options *options;
    int32_t code;
};

static void *block(void *argument)
{
    struct blocked *own = argument;
    lpchat_chat_information *information = NULL;
    own->code = lpchat_visitor_chat_retrieve_information(own->chat, own->options, &information, NULL);
    return NULL;
}

static void one_handle_cancels_its_calls_and_no_others(void)
{
    struct tiny_server *server = tiny_server_new(TINY_HANGS);
    lpchat_client *client = tiny_client_timeout(server, 1500);
    lpchat_call_options *options = lpchat_call_options_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_call *call = NULL;
    struct blocked calls[6];
    pthread_t threads[6];
    int index;
    CHECK_OK(lpchat_call_new(&call, &error));
    lpchat_call_options_set_call(options, call);
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    for (index = 0; index < 6; index++) {
        calls[index].chat = chat;
        calls[index].options = index < 4 ? options : NULL;
        pthread_create(&threads[index], NULL, block, &calls[index]);
    }
    CHECK(tiny_server_wait_requests(server, 6, 3000));
    lpchat_call_cancel(call);
    for (index = 0; index < 6; index++) {
        pthread_join(threads[index], NULL);
        CHECK_INT(calls[index].code, index < 4 ? LPCHAT_CANCELLED : LPCHAT_DEADLINE_EXCEEDED);
    }
    lpchat_call_free(call);
    lpchat_call_options_free(options);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
    tiny_server_free(server);
}

static void a_call_has_limits_of_its_own(void)
{
    struct tiny_server *server = tiny_server_new(TINY_HANGS);
    lpchat_client *client = tiny_client(server);
    lpchat_call_options *options = lpchat_call_options_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_information *information = NULL;
    int64_t begin;
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    lpchat_call_options_set_timeout_ms(options, 150);
    begin = now_ms();
    CHECK_INT(lpchat_visitor_chat_retrieve_information(chat, options, &information, &error), LPCHAT_DEADLINE_EXCEEDED);
    CHECK(now_ms() - begin >= 150 && now_ms() - begin < 1000);
    CHECK_TEXT(lpchat_error_name(error), "DeadlineExceeded");
    CHECK_TEXT(lpchat_error_operation(error), "VisitorChat.retrieve_information");
    CHECK_INT(lpchat_error_family(error), LPCHAT_FAMILY_TIMEOUT);
    CHECK_INT(lpchat_error_retryable(error), 1);
    CHECK_INT(lpchat_error_http_status(error), LPCHAT_ABSENT_INT32);
    CHECK(lpchat_error_elapsed_ms(error) >= 150);
    CHECK_HOLDS(lpchat_error_hint(error), "timeout");
    lpchat_error_free(error);
    error = NULL;
    lpchat_call_options_set_timeout_ms(options, 0);
    CHECK_FAILS(lpchat_visitor_chat_retrieve_information(chat, options, &information, &error), LPCHAT_INVALID_ARGUMENT, "timeout");
    lpchat_call_options_free(options);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
    tiny_server_free(server);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

struct log {
    pthread_t threads[4096];
    int count;
    int inside;
    int overlaps;
    int begins;
    int ends;
};

static void receive(void *user_data, int32_t level, const char *message, size_t message_len)
{
    struct log *log = user_data;
    if (log->inside++) log->overlaps++;
    if (log->count < 4096) log->threads[log->count++] = pthread_self();
    CHECK(level >= LPCHAT_LOG_DEBUG && level <= LPCHAT_LOG_ERROR);
    CHECK_INT(strlen(message), message_len);
    log->begins += strstr(message, "begins") != NULL;
    log->ends += strstr(message, "ends after") != NULL;
    CHECK(strstr(message, "sandbox-secret") == NULL && strstr(message, "facade") == NULL);
    log->inside--;
}

static struct log log_records;

static void the_log_arrives_on_the_callers_thread(void)
{
    lpchat_client *client = sandbox_client();
    lpchat_login *login = NULL;
    int index, before;
    memset(&log_records, 0, sizeof log_records);
    CHECK_INT(lpchat_set_log(receive, 99, &log_records), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_set_log(receive, LPCHAT_LOG_DEBUG, &log_records), LPCHAT_OK);
    CHECK_OK(lpchat_agent_login(client, NULL, &login, &error));
    CHECK(log_records.count >= 2);
    CHECK_INT(log_records.begins, 1);
    CHECK_INT(log_records.ends, 1);
    for (index = 0; index < log_records.count; index++) CHECK(pthread_equal(log_records.threads[index], pthread_self()));
    CHECK_INT(lpchat_set_log(NULL, 0, NULL), LPCHAT_OK);
    before = log_records.count;
    CHECK_OK(lpchat_agent_logout(client, NULL, &error));
    CHECK_INT(log_records.count, before);
    lpchat_login_free(login);
    lpchat_client_free(client);
}

static int still_wanted;

static void receive_slowly(void *user_data, int32_t level, const char *message, size_t message_len)
{
    (void)user_data, (void)level, (void)message, (void)message_len;
    CHECK(still_wanted);
    sleep_ms(1);
    CHECK(still_wanted);
}

static void *look_up(void *client)
{
    int index;
    for (index = 0; index < 40; index++) {
        lpchat_service_domain *domain = NULL;
        lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, NULL);
        lpchat_service_domain_free(domain);
    }
    return NULL;
}

static void no_callback_after_the_log_was_switched_off(void)
{
    lpchat_client *client = sandbox_client();
    pthread_t threads[4];
    int index, round;
    for (index = 0; index < 4; index++) pthread_create(&threads[index], NULL, look_up, client);
    for (round = 0; round < 30; round++) {
        still_wanted = 1;
        lpchat_set_log(receive_slowly, LPCHAT_LOG_DEBUG, NULL);
        sleep_ms(2);
        lpchat_set_log(NULL, 0, NULL);
        still_wanted = 0;
        sleep_ms(1);
    }
    for (index = 0; index < 4; index++) pthread_join(threads[index], NULL);
    lpchat_client_free(client);
}

static int switched_off;

static void switch_off_inside(void *client, int32_t level, const char *message, size_t message_len)
{
    lpchat_metrics *metrics = NULL;
    (void)level, (void)message, (void)message_len;
    CHECK_INT(switched_off, 0);
    /* Functions of lpchat may be called, calls included. */
    CHECK_INT(lpchat_client_metrics(client, &metrics, NULL), LPCHAT_OK);
    lpchat_metrics_free(metrics);
    look_up(client);
    lpchat_set_log(NULL, 0, NULL);
    switched_off = 1;
}

static void a_callback_may_switch_itself_off(void)
{
    lpchat_client *client = sandbox_client();
    lpchat_set_log(switch_off_inside, LPCHAT_LOG_DEBUG, client);
    look_up(client);
    CHECK_INT(switched_off, 1);
    lpchat_client_free(client);
}

int main(void)
{
    RUN(another_thread_cancels_and_the_server_sees_it);
    RUN(one_handle_cancels_its_calls_and_no_others);
    RUN(a_call_has_limits_of_its_own);
    RUN(the_log_arrives_on_the_callers_thread);
    RUN(no_callback_after_the_log_was_switched_off);
    RUN(a_callback_may_switch_itself_off);
    return finish_tests();
}
