/*
 * A legacy system talks to its chats.
 *
 * A visitor asks for a chat; an agent logs in, accepts it, and reads its resources, events and information; both write a
 * line; the chat ends. Then the last month's engagements are searched and one transcript is printed. C99, no JSON, no
 * other library.
 *
 * Usage: legacy 'CONFIGURATION LINE OF lpchat-sandbox', or the line in LPCHAT_SANDBOX_CONFIG. Without either the client
 * talks to the real service, with what LPCHAT_ACCOUNT_ID and its like say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lpchat.h>

/* A skill of the sandbox that no scripted agent serves: the chat rings for the agent below. With an account of your own,
   a skill that your agent has. */
#define SKILL "Human"

/* Ends the program where a call failed: says what and why. */
static void check(int32_t code, const char *what, lpchat_error *error)
{
    if (code == LPCHAT_OK) return;
    fprintf(stderr, "%s: %s (%s, code %d)\n", what, error ? lpchat_error_text(error) : "", lpchat_code_name(code), (int)code);
    if (error != NULL && lpchat_error_cause(error) != NULL) fprintf(stderr, "cause: %s\n", lpchat_error_cause(error));
    lpchat_error_free(error);
    exit(1);
}

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static const char *clock_time(int64_t milliseconds, char *buffer, size_t size)
{
    return lpchat_timestamp_format(milliseconds, buffer, size) > 0 ? buffer : "-";
}

static void pause_ms(long milliseconds)
{
    struct timespec pause;
    pause.tv_sec = milliseconds / 1000;
    pause.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&pause, NULL);
}

static lpchat_client *connect_to(const char *sandbox)
{
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    lpchat_error *error = NULL;
    lpchat_client_options_set_sandbox(options, sandbox);
    lpchat_client_options_set_source(options, "legacy_example");
    check(lpchat_client_new(options, &client, &error), "client", error);
    lpchat_client_options_free(options);
    return client;
}

/* --- the visitor -------------------------------------------------------------------------------------------------- */

static lpchat_visitor_chat *ask_for_a_chat(const lpchat_client *client)
{
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_error *error = NULL;
    lpchat_chat_request_set_skill(request, SKILL);
    lpchat_chat_request_add_pre_chat_line(request, "My order is 4711.");
    lpchat_chat_request_add_pre_chat_line(request, "It has not arrived.");
    check(lpchat_visitor_start_chat(client, request, NULL, &chat, &error), "start chat", error);
    lpchat_chat_request_free(request);
    return chat;
}

/* --- the agent ---------------------------------------------------------------------------------------------------- */

static lpchat_agent_session *go_online(const lpchat_client *client)
{
    lpchat_login *login = NULL;
    lpchat_agent_session *session = NULL;
    lpchat_error *error = NULL;
    check(lpchat_agent_login(client, NULL, &login, &error), "login", error);
    printf("agent      %s is logged in\n", or_dash(lpchat_login_login_name(login)));
    lpchat_login_free(login);
    check(lpchat_agent_start_session(client, NULL, &session, &error), "start session", error);
    check(lpchat_agent_session_set_availability(session, LPCHAT_AVAILABILITY_STATE_ONLINE, NULL, NULL, &error), "go online", error);
    return session;
}

/* The service wants to be asked no more often than every two seconds; a sandbox does not mind. */
static lpchat_agent_chat *wait_for_a_ring(const lpchat_agent_session *session, long pause)
{
    lpchat_agent_chat *chat = NULL;
    lpchat_error *error = NULL;
    int round;
    for (round = 0; round < 100 && chat == NULL; round++) {
        lpchat_incoming_requests *requests = NULL;
        int64_t ringing;
        check(lpchat_agent_session_retrieve_incoming_requests(session, NULL, &requests, &error), "incoming requests", error);
        ringing = lpchat_incoming_requests_ringing_count(requests);
        lpchat_incoming_requests_free(requests);
        if (ringing > 0) check(lpchat_agent_session_accept_chat(session, NULL, &chat, &error), "accept", error);
        if (chat == NULL) pause_ms(pause);
    }
    if (chat == NULL) {
        fprintf(stderr, "nothing rings\n");
        exit(1);
    }
    return chat;
}

static void print_events(const lpchat_chat_events *events)
{
    size_t index;
    for (index = 0; index < lpchat_chat_events_events_count(events); index++) {
        const lpchat_chat_event *event = lpchat_chat_events_events_at(events, index);
        char when[32];
        printf("event %3s  %s  %-10s", lpchat_chat_event_id(event), clock_time(lpchat_chat_event_time(event), when, sizeof when),
               lpchat_chat_event_type_text(event));
        switch (lpchat_chat_event_type(event)) {
        case LPCHAT_CHAT_EVENT_TYPE_LINE:
            printf("%s: %s\n", or_dash(lpchat_chat_event_source_text(event)), or_dash(lpchat_chat_event_text(event)));
            break;
        case LPCHAT_CHAT_EVENT_TYPE_STATE:
            printf("%s\n", or_dash(lpchat_chat_event_state_text(event)));
            break;
        default:
            printf("\n");
        }
    }
}

static void print_chat(const lpchat_agent_chat *chat)
{
    lpchat_chat_resources *resources = NULL;
    const lpchat_chat_information *information;
    lpchat_error *error = NULL;
    size_t index;
    char when[32];
    check(lpchat_agent_chat_retrieve_resources(chat, LPCHAT_ABSENT, NULL, &resources, &error), "resources", error);
    /* Their addresses hold the chat's id, which is a credential, and so stay out of the output. */
    printf("resources ");
    for (index = 0; index < lpchat_chat_resources_links_count(resources); index++)
        printf(" %s", or_dash(lpchat_link_relation(lpchat_chat_resources_links_at(resources, index))));
    printf("\n");
    print_events(lpchat_chat_resources_events(resources));
    information = lpchat_chat_resources_information(resources);
    printf("chat       state %s, agent %s, visitor %s\n", or_dash(lpchat_chat_information_state_text(information)),
           or_dash(lpchat_chat_information_agent_name(information)), or_dash(lpchat_chat_information_visitor_name(information)));
    printf("chat       requested %s, session %s\n",
           clock_time(lpchat_chat_information_start_time(information), when, sizeof when),
           or_dash(lpchat_chat_information_rt_session_id(information)));
    lpchat_chat_resources_free(resources);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

static void exchange_lines(const lpchat_visitor_chat *visitor, const lpchat_agent_chat *agent)
{
    lpchat_line_request *line = lpchat_line_request_new();
    lpchat_chat_events *events = NULL;
    lpchat_chat_information *information = NULL;
    lpchat_error *error = NULL;
    int64_t from;
    check(lpchat_agent_chat_retrieve_events(agent, LPCHAT_ABSENT, NULL, &events, &error), "events", error);
    from = lpchat_chat_events_next_id(events);
    lpchat_chat_events_free(events);
    check(lpchat_visitor_chat_add_line(visitor, "Where is my parcel?", NULL, NULL, &error), "visitor's line", error);
    lpchat_line_request_set_text(line, "It is on its way.");
    check(lpchat_agent_chat_add_line(agent, line, NULL, NULL, &error), "agent's line", error);
    lpchat_line_request_free(line);
    check(lpchat_visitor_chat_retrieve_events(visitor, from, NULL, &events, &error), "events", error);
    print_events(events);
    lpchat_chat_events_free(events);
    check(lpchat_agent_chat_end(agent, NULL, &error), "end", error);
    check(lpchat_agent_chat_retrieve_information(agent, NULL, &information, &error), "information", error);
    printf("chat       is %s\n", or_dash(lpchat_chat_information_state_text(information)));
    lpchat_chat_information_free(information);
}

/* --- history ------------------------------------------------------------------------------------------------------ */

static void print_transcript(const lpchat_engagement *engagement)
{
    const lpchat_transcript *transcript = lpchat_engagement_transcript(engagement);
    char when[32];
    size_t index;
    printf("transcript %s, %s, agent %s, skill %s\n", lpchat_engagement_engagement_id(engagement),
           clock_time(lpchat_engagement_start_time(engagement), when, sizeof when), or_dash(lpchat_engagement_agent_name(engagement)),
           or_dash(lpchat_engagement_skill_name(engagement)));
    for (index = 0; index < lpchat_transcript_lines_count(transcript); index++) {
        const lpchat_transcript_line *line = lpchat_transcript_lines_at(transcript, index);
        printf("           %-8s %s\n", or_dash(lpchat_transcript_line_source_text(line)), or_dash(lpchat_transcript_line_plain_text(line)));
    }
}

/* Prints the first transcript in which the visitor wrote, and counts all. */
static void search_the_last_month(const lpchat_client *client)
{
    const int64_t now = (int64_t)time(NULL) * 1000, month = (int64_t)30 * 24 * 3600 * 1000;
    lpchat_search_query *query = lpchat_search_query_new();
    lpchat_search *search = NULL;
    lpchat_search_page *page = NULL;
    lpchat_error *error = NULL;
    int32_t code;
    size_t records = 0, index;
    int printed = 0;
    lpchat_search_query_set_start(query, now - month);
    lpchat_search_query_set_end(query, now);
    check(lpchat_history_search(client, query, &search, &error), "search", error);
    while ((code = lpchat_search_next_page(search, NULL, &page, &error)) == LPCHAT_OK) {
        for (index = 0; index < lpchat_search_page_records_count(page); index++) {
            const lpchat_engagement *engagement = lpchat_search_page_records_at(page, index);
            if (!printed && lpchat_engagement_info_is_interactive(lpchat_engagement_get_info(engagement)) == 1) {
                print_transcript(engagement);
                printed = 1;
            }
        }
        records += index;
        lpchat_search_page_free(page);
    }
    if (code != LPCHAT_END) check(code, "next page", error);
    printf("history    %lu engagements in the last 30 days\n", (unsigned long)records);
    lpchat_search_free(search);
    lpchat_search_query_free(query);
}

int main(int argc, char **argv)
{
    const char *sandbox = argc > 1 ? argv[1] : getenv("LPCHAT_SANDBOX_CONFIG");
    lpchat_client *client = connect_to(sandbox);
    lpchat_agent_session *session = go_online(client);
    lpchat_visitor_chat *visitor = ask_for_a_chat(client);
    lpchat_agent_chat *agent;
    lpchat_error *error = NULL;
    printf("lpchat     %s\n", lpchat_version());
    agent = wait_for_a_ring(session, sandbox != NULL ? 20 : 2000);
    print_chat(agent);
    exchange_lines(visitor, agent);
    search_the_last_month(client);
    lpchat_agent_chat_free(agent);
    lpchat_visitor_chat_free(visitor);
    lpchat_agent_session_free(session);
    /* Logs the agent out. */
    check(lpchat_client_close(client, 1000, NULL, &error), "close", error);
    lpchat_client_free(client);
    return 0;
}
