/* Chats that live: events, lines, what keeps a chat, threads, exits and forks. */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static lpchat_error *error;

/* A client whose chats are asked often. */
static lpchat_client *lively_client(void)
{
    lpchat_client_options *options = sandbox_options();
    lpchat_client *client = NULL;
    lpchat_client_options_set_poll_interval_ms(options, 20);
    lpchat_client_options_set_quiet_poll_interval_ms(options, 40);
    lpchat_client_options_set_line_quiet_time_ms(options, 200);
    CHECK_OK(lpchat_client_new(options, &client, &error));
    lpchat_client_options_free(options);
    return client;
}

/* A chat that waits: no scripted agent serves its skill. */
static lpchat_visitor_chat *start_chat(lpchat_client *client)
{
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_request_set_skill(request, "Human");
    CHECK_OK(lpchat_visitor_start_chat(client, request, NULL, &chat, &error));
    lpchat_chat_request_free(request);
    return chat;
}

static lpchat_event_stream *events_of(lpchat_visitor_chat *chat)
{
    lpchat_event_stream *stream = NULL;
    CHECK_OK(lpchat_visitor_chat_events(chat, &stream, &error));
    return stream;
}

/* Reads events until a line of this text; whether it came. */
static int hears(lpchat_event_stream *stream, const char *text)
{
    lpchat_chat_event *event = NULL;
    while (lpchat_event_stream_next_event(stream, 5000, NULL, &event, &error) == LPCHAT_OK) {
        const char *said = lpchat_chat_event_text(event);
        int found = said != NULL && strcmp(said, text) == 0;
        lpchat_chat_event_free(event);
        if (found) return 1;
    }
    return 0;
}

/* What is left in the stream; -1 unless it ends as it should. */
static int count_to_the_end(lpchat_event_stream *stream)
{
    lpchat_chat_event *event = NULL;
    int count = 0;
    int32_t code, last = LPCHAT_CHAT_STATE_ABSENT;
    while ((code = lpchat_event_stream_next_event(stream, 30000, NULL, &event, &error)) != LPCHAT_END) {
        if (code == LPCHAT_NOTHING_CAME) continue;
        if (!CHECK_OK(code)) return -1;
        last = lpchat_chat_event_state(event);
        lpchat_chat_event_free(event);
        count++;
    }
    CHECK(event == NULL);
    CHECK_INT(last, LPCHAT_CHAT_STATE_ENDED);
    return count;
}

static lpchat_agent_chat *answer_ring(lpchat_agent_session *session)
{
    lpchat_agent_chat *chat = NULL;
    lpchat_ring *ring = NULL;
    CHECK_OK(lpchat_agent_session_next_ring(session, 10000, NULL, &ring, &error));
    CHECK(ring != NULL);
    CHECK(lpchat_ring_time_left_ms(ring) > 0 && lpchat_ring_time_left_ms(ring) <= 20000);
    lpchat_ring_free(ring);
    CHECK_OK(lpchat_agent_session_accept_chat(session, NULL, &chat, &error));
    CHECK(chat != NULL);
    return chat;
}

static void a_whole_chat_from_both_sides(void)
{
    lpchat_client *client = lively_client();
    lpchat_agent_session *session = NULL;
    lpchat_agent_chat *agent;
    lpchat_visitor_chat *visitor;
    lpchat_event_stream *heard_by_agent = NULL, *heard_by_visitor;
    lpchat_line_receipt *receipt = NULL;
    lpchat_ring *ring = NULL;
    lpchat_text *engagement = NULL;
    int32_t accepted = -1;
    CHECK_OK(lpchat_agent_start_session(client, NULL, &session, &error));
    CHECK_OK(lpchat_agent_session_set_availability(session, LPCHAT_AVAILABILITY_STATE_ONLINE, NULL, NULL, &error));
    /* That nothing rings in time is no end and no error. */
    CHECK_OK(lpchat_agent_session_next_ring(session, 30, NULL, &ring, &error));
    CHECK(ring == NULL);
    visitor = start_chat(client);
    CHECK_INT(lpchat_visitor_chat_state(visitor), LPCHAT_CHAT_STATE_ABSENT);
    CHECK_TEXT(lpchat_visitor_chat_state_text(visitor), NULL);
    heard_by_visitor = events_of(visitor);
    CHECK_OK(lpchat_visitor_chat_wait_until_accepted(visitor, 30, NULL, &accepted, &error));
    CHECK_INT(accepted, 0);
    CHECK_FAILS(lpchat_visitor_chat_send(visitor, "early", -1, LPCHAT_WHEN_WAITING_ABSENT, NULL, NULL, &error), LPCHAT_INVALID_ARGUMENT, "receipt");
    CHECK_FAILS(lpchat_visitor_chat_send(visitor, "early", -1, LPCHAT_WHEN_WAITING_REFUSE, NULL, &receipt, &error), LPCHAT_NOT_CHATTING, "accepted");

    agent = answer_ring(session);
    CHECK_OK(lpchat_visitor_chat_wait_until_accepted(visitor, 10000, NULL, &accepted, &error));
    CHECK_INT(accepted, 1);
    CHECK_INT(lpchat_visitor_chat_state(visitor), LPCHAT_CHAT_STATE_CHATTING);
    CHECK_TEXT(lpchat_visitor_chat_state_text(visitor), "chatting");
    CHECK_INT(lpchat_visitor_chat_state_text_len(visitor), 8);
    CHECK_OK(lpchat_agent_chat_events(agent, &heard_by_agent, &error));
    CHECK_OK(lpchat_visitor_chat_send(visitor, "Where is it?", -1, LPCHAT_WHEN_WAITING_ABSENT, NULL, &receipt, &error));
    CHECK(lpchat_line_receipt_event_id(receipt) != NULL);
    CHECK_INT(lpchat_line_receipt_is_read_back(receipt), 0);
    lpchat_line_receipt_free(receipt);
    CHECK(hears(heard_by_agent, "Where is it?"));
    CHECK_OK(lpchat_agent_chat_send(agent, "On its way.", -1, LPCHAT_WHEN_WAITING_ABSENT, NULL, &receipt, &error));
    lpchat_line_receipt_free(receipt);
    CHECK(hears(heard_by_visitor, "On its way."));
    CHECK_OK(lpchat_visitor_chat_engagement_id(visitor, NULL, &engagement, &error));
    CHECK_HOLDS(lpchat_text_value(engagement), "12345678");
    lpchat_text_free(engagement);

    CHECK_OK(lpchat_agent_chat_leave(agent, NULL, &error));
    CHECK(count_to_the_end(heard_by_visitor) > 0);
    CHECK(count_to_the_end(heard_by_agent) > 0);
    CHECK_FAILS(lpchat_visitor_chat_send(visitor, "late", -1, LPCHAT_WHEN_WAITING_ABSENT, NULL, &receipt, &error), LPCHAT_CHAT_ENDED, "ended");
    CHECK_OK(lpchat_agent_session_leave(session, NULL, &error));
    lpchat_event_stream_free(heard_by_agent);
    lpchat_event_stream_free(heard_by_visitor);
    lpchat_agent_chat_free(agent);
    lpchat_visitor_chat_free(visitor);
    lpchat_agent_session_free(session);
    lpchat_client_free(client);
}

static void a_quiet_chat_is_a_code_and_not_an_end(void)
{
    lpchat_client *client = lively_client();
    lpchat_visitor_chat *chat = start_chat(client);
    lpchat_event_stream *stream = events_of(chat);
    lpchat_chat_event *event = NULL;
    lpchat_chat_event_batch *batch = NULL;
    lpchat_call_options *options = lpchat_call_options_new();
    int64_t begin;
    CHECK_OK(lpchat_event_stream_ready_event(stream, &event, &error));
    CHECK(event == NULL);
    CHECK_OK(lpchat_event_stream_next_events(stream, LPCHAT_ABSENT_INT32, 10000, NULL, &batch, &error));
    CHECK(lpchat_chat_event_batch_events_count(batch) >= 1);
    CHECK_TEXT(lpchat_chat_event_id(lpchat_chat_event_batch_events_at(batch, 0)), "0");
    CHECK_INT(lpchat_chat_event_is_repeated(lpchat_chat_event_batch_events_at(batch, 0)), 0);
    lpchat_chat_event_batch_free(batch);
    while (lpchat_event_stream_next_event(stream, 200, NULL, &event, &error) == LPCHAT_OK) lpchat_chat_event_free(event);
    begin = now_ms();
    CHECK_INT(lpchat_event_stream_next_event(stream, 60, NULL, &event, &error), LPCHAT_NOTHING_CAME);
    CHECK(now_ms() - begin >= 60 && now_ms() - begin < 2000);
    CHECK(error == NULL && event == NULL);
    CHECK_INT(lpchat_code_family(LPCHAT_NOTHING_CAME), LPCHAT_FAMILY_TIMEOUT);
    CHECK_INT(lpchat_code_retryable(LPCHAT_NOTHING_CAME), 1);
    CHECK_INT(lpchat_code_retryable(LPCHAT_INVALID_ARGUMENT), 0);
    CHECK_INT(lpchat_code_retryable(-7), -1);
    CHECK_OK(lpchat_event_stream_next_events(stream, 1, 60, NULL, &batch, &error));
    CHECK_INT(lpchat_chat_event_batch_events_count(batch), 0);
    lpchat_chat_event_batch_free(batch);
    /* The call's own limit is an error, as in every call. */
    lpchat_call_options_set_timeout_ms(options, 60);
    CHECK_FAILS(lpchat_event_stream_next_event(stream, LPCHAT_ABSENT, options, &event, &error), LPCHAT_DEADLINE_EXCEEDED, "0.06 s");
    CHECK_FAILS(lpchat_event_stream_next_event(stream, -5, NULL, &event, &error), LPCHAT_INVALID_ARGUMENT, "wait_ms");
    CHECK_OK(lpchat_visitor_chat_leave(chat, NULL, &error));
    CHECK_INT(count_to_the_end(stream), 1);
    lpchat_call_options_free(options);
    lpchat_event_stream_free(stream);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
}

static void freeing_ends_nothing_and_keeping_prevents_leaving(void)
{
    char path[] = "/tmp/lpchat-chat-XXXXXX";
    lpchat_client *client = lively_client();
    lpchat_visitor_chat *chat = start_chat(client), *again = NULL;
    lpchat_event_stream *stream = events_of(chat);
    lpchat_chat_information *information = NULL;
    lpchat_line_receipt *receipt = NULL;
    lpchat_chat_event *event = NULL;
    lpchat_text *document = NULL;
    int file = mkstemp(path);
    CHECK_OK(lpchat_visitor_chat_keep_in_file(chat, path, NULL, &error));
    CHECK_OK(lpchat_visitor_chat_keep(chat, 1, &error));
    CHECK_OK(lpchat_visitor_chat_leave(chat, NULL, &error));
    CHECK_OK(lpchat_visitor_chat_save(chat, &document, &error));
    CHECK_INT(lpchat_visitor_chat_free(chat), LPCHAT_OK);
    CHECK_FAILS(lpchat_visitor_chat_events(chat, &stream, &error), LPCHAT_INVALID_ARGUMENT, "`chat` is a lpchat_visitor_chat that was freed");
    /* The stream goes on without the chat's handle. */
    CHECK_OK(lpchat_event_stream_next_event(stream, 10000, NULL, &event, &error));
    lpchat_chat_event_free(event);
    CHECK_INT(lpchat_event_stream_free(stream), LPCHAT_OK);
    CHECK_INT(lpchat_event_stream_free(stream), LPCHAT_INVALID_ARGUMENT);
    CHECK_FAILS(lpchat_event_stream_next_event(stream, 0, NULL, &event, &error), LPCHAT_INVALID_ARGUMENT, "`stream` is a lpchat_event_stream that was freed");

    CHECK_OK(lpchat_visitor_resume_by_document(client, lpchat_text_value(document), &again, &error));
    CHECK_OK(lpchat_visitor_chat_retrieve_information(again, NULL, &information, &error));
    CHECK_INT(lpchat_chat_information_state(information), LPCHAT_CHAT_STATE_WAITING);
    lpchat_chat_information_free(information);
    CHECK_OK(lpchat_visitor_chat_resolve_pending_line(again, -1, NULL, &receipt, &error));
    CHECK(receipt == NULL);
    CHECK_OK(lpchat_visitor_chat_keep(again, 0, &error));
    CHECK_OK(lpchat_visitor_chat_leave(again, NULL, &error));
    CHECK_OK(lpchat_visitor_chat_retrieve_information(again, NULL, &information, &error));
    CHECK_INT(lpchat_chat_information_state(information), LPCHAT_CHAT_STATE_ENDED);
    lpchat_chat_information_free(information);
    CHECK_FAILS(lpchat_visitor_resume_by_document(client, "{}", &again, &error), LPCHAT_UNUSABLE_DOCUMENT, "saved chat");
    lpchat_text_free(document);
    lpchat_visitor_chat_free(again);
    lpchat_client_free(client);
    close(file);
    unlink(path);
}

/* --- threads -------------------------------------------------------------------------------------------------------- */

struct waiting {
    lpchat_event_stream *stream;
    lpchat_call_options *options;
    int32_t code;
};

static void *wait_for_an_event(void *argument)
{
    struct waiting *own = argument;
    lpchat_chat_event *event = NULL;
    lpchat_error *failure = NULL;
    while ((own->code = lpchat_event_stream_next_event(own->stream, LPCHAT_ABSENT, own->options, &event, &failure)) == LPCHAT_OK)
        lpchat_chat_event_free(event);
    lpchat_error_free(failure);
    return NULL;
}

static void another_thread_ends_the_wait_and_no_event_is_lost(void)
{
    lpchat_client *client = lively_client();
    lpchat_call_options *options = lpchat_call_options_new();
    int round, prompt = 0;
    for (round = 0; round < 20; round++) {
        lpchat_visitor_chat *chat = start_chat(client);
        struct waiting own = {events_of(chat), options, LPCHAT_OK};
        lpchat_call *call = NULL;
        pthread_t thread;
        int64_t begin;
        CHECK_OK(lpchat_call_new(&call, &error));
        lpchat_call_options_set_call(options, call);
        pthread_create(&thread, NULL, wait_for_an_event, &own);
        sleep_ms(5 * (round % 10));
        begin = now_ms();
        lpchat_call_cancel(call);
        pthread_join(thread, NULL);
        prompt += now_ms() - begin < 100;
        CHECK_INT(own.code, LPCHAT_CANCELLED);
        /* The last event of all is still to come, however many the thread had. */
        CHECK_OK(lpchat_visitor_chat_leave(chat, NULL, &error));
        CHECK(count_to_the_end(own.stream) >= 1);
        lpchat_call_free(call);
        lpchat_event_stream_free(own.stream);
        lpchat_visitor_chat_free(chat);
    }
    /* A busy machine may let a thread wait now and then. */
    CHECK(prompt >= 18);
    lpchat_call_options_free(options);
    lpchat_client_free(client);
}

static void closing_the_client_ends_the_wait(void)
{
    lpchat_client *client = lively_client();
    lpchat_visitor_chat *chat = start_chat(client);
    struct waiting own = {events_of(chat), NULL, LPCHAT_OK};
    lpchat_saved_chat_list *saved = NULL;
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_an_event, &own);
    sleep_ms(100);
    CHECK_OK(lpchat_client_close(client, LPCHAT_ABSENT, NULL, &error));
    pthread_join(thread, NULL);
    CHECK_INT(own.code, LPCHAT_CLIENT_CLOSED);
    CHECK_OK(lpchat_client_saved_chats(client, &saved, &error));
    CHECK_INT(lpchat_saved_chat_list_count(saved), 1);
    CHECK_TEXT(lpchat_saved_chat_id(lpchat_saved_chat_list_at(saved, 0)), lpchat_visitor_chat_id(chat));
    lpchat_saved_chat_list_free(saved);
    lpchat_event_stream_free(own.stream);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
}

/* --- processes ------------------------------------------------------------------------------------------------------ */

static void *never_hears(void *stream)
{
    struct waiting own = {stream, NULL, LPCHAT_OK};
    return wait_for_an_event(&own);
}

/* In half of the processes the service does not answer, in the other half nothing happens in the chats. */
static void exit_while_waiting_for_events(struct tiny_server *server, int round)
{
    lpchat_client *client = round % 2 ? tiny_client(server) : lively_client();
    pthread_t thread;
    int index;
    for (index = 0; index < 3; index++) {
        lpchat_visitor_chat *chat = NULL;
        if (round % 2) lpchat_visitor_chat_by_id(client, "K1", &chat, NULL);
        else chat = start_chat(client);
        pthread_create(&thread, NULL, never_hears, events_of(chat));
    }
    sleep_ms(round % 8);
    exit(7);
}

static void two_hundred_exits_while_waiting_for_events(void)
{
    check_exits(200, exit_while_waiting_for_events, 7);
}

/* What a child does with the stream of its parent; its exit code. */
static int listen_in_child(lpchat_visitor_chat *chat, lpchat_event_stream *stream)
{
    lpchat_chat_event *event = NULL;
    int32_t code = lpchat_event_stream_next_event(stream, 10000, NULL, &event, NULL);
    if (code != LPCHAT_OK) return 1;
    if (strcmp(lpchat_chat_event_id(event), "0") != 0) return 2;
    lpchat_chat_event_free(event);
    while ((code = lpchat_event_stream_next_event(stream, 300, NULL, &event, NULL)) == LPCHAT_OK) lpchat_chat_event_free(event);
    if (code != LPCHAT_NOTHING_CAME) return 3;
    if (lpchat_visitor_chat_free(chat) != LPCHAT_OK || lpchat_event_stream_free(stream) != LPCHAT_OK) return 4;
    return 0;
}

static void a_child_hears_what_its_parent_hears(void)
{
    lpchat_client *client = lively_client();
    lpchat_visitor_chat *busy = start_chat(client), *chat = start_chat(client);
    struct waiting own = {events_of(busy), NULL, LPCHAT_OK};
    lpchat_event_stream *stream = events_of(chat);
    pthread_t thread;
    pid_t children[10];
    int index;
    /* Another thread waits for events while this one forks. */
    pthread_create(&thread, NULL, wait_for_an_event, &own);
    for (index = 0; index < 10; index++) {
        children[index] = fork();
        if (children[index] == 0) {
            alarm(30);
            _exit(listen_in_child(chat, stream));
        }
    }
    for (index = 0; index < 10; index++) {
        int status = -1;
        waitpid(children[index], &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_at(__FILE__, __LINE__, "child %d ends with status %d", index, status);
    }
    CHECK_OK(lpchat_visitor_chat_leave(chat, NULL, &error));
    CHECK(count_to_the_end(stream) >= 2);
    CHECK_OK(lpchat_visitor_chat_leave(busy, NULL, &error));
    pthread_join(thread, NULL);
    CHECK_INT(own.code, LPCHAT_END);
    lpchat_event_stream_free(own.stream);
    lpchat_event_stream_free(stream);
    lpchat_visitor_chat_free(busy);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN(a_whole_chat_from_both_sides);
    RUN(a_quiet_chat_is_a_code_and_not_an_end);
    RUN(freeing_ends_nothing_and_keeping_prevents_leaving);
    RUN(another_thread_ends_the_wait_and_no_event_is_lost);
    RUN(closing_the_client_ends_the_wait);
    RUN(two_hundred_exits_while_waiting_for_events);
    RUN(a_child_hears_what_its_parent_hears);
    return finish_tests();
}
