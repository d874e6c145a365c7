/* Every operation, against the sandbox. */
#include "harness.h"

static lpchat_client *client;
static lpchat_agent_session *session;
static lpchat_visitor_chat *visitor_chat;
static lpchat_agent_chat *agent_chat;
static lpchat_error *error;

static void domains(void)
{
    lpchat_service_domain_list *list = NULL;
    lpchat_service_domain *domain = NULL;
    size_t index, found = 0;
    if (!CHECK_OK(lpchat_client_retrieve_domains(client, NULL, &list, &error))) return;
    CHECK(lpchat_service_domain_list_count(list) >= 4);
    for (index = 0; index < lpchat_service_domain_list_count(list); index++)
        found += strcmp(lpchat_service_domain_service(lpchat_service_domain_list_at(list, index)), "agentVep") == 0;
    CHECK_INT(found, 1);
    CHECK(lpchat_service_domain_list_at(list, 1000) == NULL);
    lpchat_service_domain_list_free(list);
    CHECK_OK(lpchat_client_retrieve_domain(client, "conversationVep", NULL, &domain, &error));
    CHECK_TEXT(lpchat_service_domain_service(domain), "conversationVep");
    CHECK_HOLDS(lpchat_service_domain_host(domain), "127.0.0.1");
    CHECK_INT(lpchat_service_domain_host_len(domain), strlen(lpchat_service_domain_host(domain)));
    CHECK_HOLDS(lpchat_service_domain_raw(domain), "\"baseURI\"");
    CHECK_INT(lpchat_service_domain_raw_len(domain), strlen(lpchat_service_domain_raw(domain)));
    lpchat_service_domain_free(domain);
    CHECK_FAILS(lpchat_client_retrieve_domain(client, "nothing", NULL, &domain, &error), LPCHAT_SERVICE_UNKNOWN, "nothing");
}

static void login(void)
{
    lpchat_login *login = NULL;
    CHECK_OK(lpchat_agent_login(client, NULL, &login, &error));
    CHECK_HOLDS(lpchat_login_login_name(login), "agent");
    CHECK(lpchat_login_time_to_live_ms(login) > 60000);
    lpchat_login_free(login);
    CHECK_OK(lpchat_agent_refresh_login(client, NULL, &login, &error));
    CHECK(lpchat_login_user_id(login) != NULL);
    lpchat_login_free(login);
    CHECK_OK(lpchat_agent_logout(client, NULL, &error));
}

static void authenticate(void)
{
    lpchat_visitor_authentication_request *request = lpchat_visitor_authentication_request_new();
    lpchat_visitor_identity *identity = NULL;
    CHECK_FAILS(lpchat_visitor_authenticate(client, request, NULL, &identity, &error), LPCHAT_INVALID_ARGUMENT, "sso_key");
    lpchat_visitor_authentication_request_set_sso_key(request, "valid-key");
    lpchat_visitor_authentication_request_set_auth_chat_conn_id(request, "11");
    lpchat_visitor_authentication_request_set_engagement_id(request, "27469613");
    lpchat_visitor_authentication_request_set_le_tag_session_id(request, "session");
    lpchat_visitor_authentication_request_set_le_tag_visitor_id(request, "visitor");
    lpchat_visitor_authentication_request_set_le_tag_context_id(request, "3");
    if (CHECK_OK(lpchat_visitor_authenticate(client, request, NULL, &identity, &error))) {
        CHECK_INT(lpchat_visitor_identity_participant_id_len(identity), 36);
        CHECK_INT(lpchat_visitor_identity_conversation_id_len(identity), 36);
        lpchat_visitor_identity_free(identity);
    }
    lpchat_visitor_authentication_request_free(request);
}

static void agent_online(void)
{
    lpchat_agent_availability *availability = NULL;
    if (!CHECK_OK(lpchat_agent_start_session(client, NULL, &session, &error))) return;
    CHECK(lpchat_agent_session_id_len(session) > 0);
    CHECK_OK(lpchat_agent_session_set_availability(session, LPCHAT_AVAILABILITY_STATE_ONLINE, NULL, NULL, &error));
    CHECK_OK(lpchat_agent_session_retrieve_availability(session, NULL, &availability, &error));
    CHECK_INT(lpchat_agent_availability_chat(availability), LPCHAT_AVAILABILITY_STATE_ONLINE);
    CHECK_TEXT(lpchat_agent_availability_chat_text(availability), "Online");
    lpchat_agent_availability_free(availability);
    CHECK_FAILS(lpchat_agent_session_set_availability(session, LPCHAT_AVAILABILITY_STATE_OFFLINE, NULL, NULL, &error),
                LPCHAT_INVALID_ARGUMENT, "Offline");
    CHECK_FAILS(lpchat_agent_session_set_availability(session, 99, NULL, NULL, &error), LPCHAT_INVALID_ARGUMENT, "99");
}

static void visitor_starts(void)
{
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_custom_variable *variable = lpchat_custom_variable_new();
    lpchat_chat_information *information = NULL;
    lpchat_custom_variable_set_name(variable, "order");
    lpchat_custom_variable_set_value(variable, "42");
    lpchat_chat_request_set_skill(request, "Human");
    lpchat_chat_request_add_pre_chat_line(request, "Order 42");
    lpchat_chat_request_add_pre_chat_line(request, "\xC3\xBC\xC3\xB1\xE2\x82\xAC");
    lpchat_chat_request_add_custom_variable(request, variable);
    lpchat_chat_request_set_le_tag_context_id(request, "12");
    lpchat_custom_variable_free(variable);
    CHECK_OK(lpchat_visitor_start_chat(client, request, NULL, &visitor_chat, &error));
    lpchat_chat_request_free(request);
    CHECK_OK(lpchat_visitor_chat_retrieve_information(visitor_chat, NULL, &information, &error));
    CHECK_INT(lpchat_chat_information_state(information), LPCHAT_CHAT_STATE_WAITING);
    CHECK_TEXT(lpchat_chat_information_state_text(information), "waiting");
    CHECK_TEXT(lpchat_chat_information_skill_name(information), "Human");
    CHECK_TEXT(lpchat_chat_information_agent_name(information), NULL);
    CHECK_INT(lpchat_chat_information_agent_name_len(information), 0);
    CHECK_INT(lpchat_chat_information_agent_typing(information), LPCHAT_TYPING_STATE_NOT_TYPING);
    CHECK_TEXT(lpchat_chat_information_participant_id(information), NULL);
    CHECK(lpchat_chat_information_start_time(information) > 1700000000000);
    lpchat_chat_information_free(information);
    CHECK_FAILS(lpchat_visitor_chat_add_line(visitor_chat, "too early", NULL, NULL, &error), LPCHAT_NOT_CHATTING, "accepted");
}

static void agent_accepts(void)
{
    lpchat_incoming_requests *requests = NULL;
    lpchat_chat_session_list *list = NULL;
    lpchat_agent_chat *by_id = NULL;
    int64_t ringing = 0, end = now_ms() + 5000;
    while (ringing < 1 && now_ms() < end) {
        if (!CHECK_OK(lpchat_agent_session_retrieve_incoming_requests(session, NULL, &requests, &error))) return;
        ringing = lpchat_incoming_requests_ringing_count(requests);
        lpchat_incoming_requests_free(requests);
        sleep_ms(20);
    }
    CHECK_INT(ringing, 1);
    CHECK_OK(lpchat_agent_session_accept_chat(session, NULL, &agent_chat, &error));
    CHECK(agent_chat != NULL);
    CHECK_OK(lpchat_agent_session_accept_chat(session, NULL, &by_id, &error));
    CHECK(by_id == NULL);
    CHECK_OK(lpchat_agent_session_retrieve_chat_sessions(session, NULL, &list, &error));
    CHECK_INT(lpchat_chat_session_list_count(list), 1);
    CHECK_TEXT(lpchat_chat_session_chat_session_key(lpchat_chat_session_list_at(list, 0)), lpchat_agent_chat_id(agent_chat));
    lpchat_chat_session_list_free(list);
    CHECK_OK(lpchat_agent_session_chat_by_id(session, lpchat_agent_chat_id(agent_chat), &by_id, &error));
    CHECK_TEXT(lpchat_agent_chat_id(by_id), lpchat_agent_chat_id(agent_chat));
    lpchat_agent_chat_free(by_id);
}

static const lpchat_chat_event *line_with(const lpchat_chat_events *events, const char *text)
{
    size_t index;
    for (index = 0; index < lpchat_chat_events_events_count(events); index++) {
        const lpchat_chat_event *event = lpchat_chat_events_events_at(events, index);
        const char *found = lpchat_chat_event_text(event);
        if (found != NULL && strcmp(found, text) == 0) return event;
    }
    return NULL;
}

static void lines_both_ways(void)
{
    lpchat_line_request *line = lpchat_line_request_new();
    lpchat_chat_events *events = NULL;
    lpchat_text *id = NULL;
    const lpchat_chat_event *event;
    int64_t next;
    CHECK_OK(lpchat_visitor_chat_add_line(visitor_chat, "Wo ist mein Paket? \xF0\x9F\x93\xA6", NULL, &id, &error));
    CHECK(id != NULL && lpchat_text_value_len(id) == strlen(lpchat_text_value(id)));
    lpchat_text_free(id);
    CHECK_OK(lpchat_agent_chat_retrieve_events(agent_chat, LPCHAT_ABSENT, NULL, &events, &error));
    event = line_with(events, "Wo ist mein Paket? \xF0\x9F\x93\xA6");
    CHECK(event != NULL);
    CHECK_INT(lpchat_chat_event_type(event), LPCHAT_CHAT_EVENT_TYPE_LINE);
    CHECK_INT(lpchat_chat_event_source(event), LPCHAT_LINE_SOURCE_VISITOR);
    CHECK_INT(lpchat_chat_event_text_len(event), strlen("Wo ist mein Paket? \xF0\x9F\x93\xA6"));
    CHECK(lpchat_chat_event_time(event) > 1700000000000);
    CHECK_HOLDS(lpchat_chat_event_raw(event), "Paket");
    next = lpchat_chat_events_next_id(events);
    CHECK(next > 0);
    lpchat_chat_events_free(events);
    lpchat_line_request_set_text(line, "Unterwegs.");
    lpchat_line_request_set_text_type(line, LPCHAT_TEXT_TYPE_PLAIN);
    CHECK_OK(lpchat_agent_chat_add_line(agent_chat, line, NULL, NULL, &error));
    lpchat_line_request_free(line);
    CHECK_OK(lpchat_visitor_chat_retrieve_events(visitor_chat, next, NULL, &events, &error));
    event = line_with(events, "Unterwegs.");
    CHECK_INT(lpchat_chat_event_source(event), LPCHAT_LINE_SOURCE_AGENT);
    CHECK(line_with(events, "Wo ist mein Paket? \xF0\x9F\x93\xA6") == NULL);
    lpchat_chat_events_free(events);
    CHECK_FAILS(lpchat_visitor_chat_retrieve_events(visitor_chat, -1, NULL, &events, &error), LPCHAT_INVALID_ARGUMENT, "from_id");
}

static void documents(void)
{
    lpchat_chat_resources *resources = NULL;
    lpchat_chat_information *information = NULL;
    CHECK_OK(lpchat_agent_chat_retrieve_resources(agent_chat, LPCHAT_ABSENT, NULL, &resources, &error));
    CHECK(lpchat_chat_resources_links_count(resources) > 0);
    CHECK(lpchat_link_href(lpchat_chat_resources_links_at(resources, 0)) != NULL);
    CHECK(lpchat_chat_events_events_count(lpchat_chat_resources_events(resources)) > 2);
    CHECK_INT(lpchat_chat_information_state(lpchat_chat_resources_information(resources)), LPCHAT_CHAT_STATE_CHATTING);
    lpchat_chat_resources_free(resources);
    CHECK_OK(lpchat_visitor_chat_retrieve_resources(visitor_chat, LPCHAT_ABSENT, NULL, &resources, &error));
    CHECK(lpchat_chat_information_agent_name(lpchat_chat_resources_information(resources)) != NULL);
    lpchat_chat_resources_free(resources);
    CHECK_OK(lpchat_agent_chat_retrieve_information(agent_chat, NULL, &information, &error));
    CHECK_INT(lpchat_chat_information_state(information), LPCHAT_CHAT_STATE_CHATTING);
    lpchat_chat_information_free(information);
}

static void both_end(void)
{
    lpchat_visitor_chat *by_id = NULL;
    lpchat_chat_information *information = NULL;
    CHECK_OK(lpchat_visitor_chat_end(visitor_chat, NULL, &error));
    CHECK_OK(lpchat_agent_chat_end(agent_chat, NULL, &error));
    CHECK_OK(lpchat_visitor_chat_by_id(client, lpchat_visitor_chat_id(visitor_chat), &by_id, &error));
    CHECK_OK(lpchat_visitor_chat_retrieve_information(by_id, NULL, &information, &error));
    CHECK_INT(lpchat_chat_information_state(information), LPCHAT_CHAT_STATE_ENDED);
    lpchat_chat_information_free(information);
    lpchat_visitor_chat_free(by_id);
    lpchat_visitor_chat_free(visitor_chat);
    lpchat_agent_chat_free(agent_chat);
    lpchat_agent_session_free(session);
}

static lpchat_search_query *last_month(void)
{
    lpchat_search_query *query = lpchat_search_query_new();
    int64_t now = sandbox_now();
    lpchat_search_query_set_start(query, now - (int64_t)28 * 24 * 3600 * 1000);
    lpchat_search_query_set_end(query, now);
    return query;
}

static void history_search(void)
{
    lpchat_search_query *query = last_month();
    lpchat_search *search = NULL;
    lpchat_search_page *page = NULL;
    int64_t count = 0, seen = 0;
    int32_t code;
    lpchat_search_query_set_page_size(query, 30);
    CHECK_OK(lpchat_history_search(client, query, &search, &error));
    CHECK_OK(lpchat_search_count(search, NULL, &count, &error));
    CHECK(count > 10);
    while ((code = lpchat_search_next_page(search, NULL, &page, &error)) == LPCHAT_OK) {
        size_t index;
        for (index = 0; index < lpchat_search_page_records_count(page); index++) {
            const lpchat_engagement *engagement = lpchat_search_page_records_at(page, index);
            const lpchat_engagement_info *info = lpchat_engagement_get_info(engagement);
            CHECK_TEXT(lpchat_engagement_engagement_id(engagement), lpchat_engagement_info_engagement_id(info));
            CHECK_INT(lpchat_engagement_start_time(engagement), lpchat_engagement_info_start_time(info));
            seen++;
        }
        seen += (int64_t)lpchat_search_page_failures_count(page) + lpchat_search_page_records_outside_range(page);
        CHECK_INT(lpchat_search_page_failures_count(page), 0);
        lpchat_search_page_free(page);
    }
    CHECK_INT(code, LPCHAT_END);
    CHECK(page == NULL);
    CHECK_INT(seen, count);
    CHECK_INT(lpchat_search_free(search), LPCHAT_OK);
    lpchat_search_query_free(query);
}

static void history_pages(void)
{
    lpchat_search_query *query = last_month();
    lpchat_search_page *page = NULL;
    lpchat_engagement_list *list = NULL;
    const lpchat_engagement *engagement;
    const lpchat_transcript *transcript, *redacted;
    lpchat_redaction *redaction = lpchat_redaction_new();
    int64_t count = 0;
    lpchat_search_query_set_limit(query, 3);
    lpchat_search_query_add_sort(query, "start:desc");
    CHECK_OK(lpchat_history_count(client, query, NULL, &count, &error));
    CHECK(count > 3);
    if (!CHECK_OK(lpchat_history_retrieve_page(client, query, NULL, &page, &error))) return;
    CHECK_INT(lpchat_search_page_records_count(page), 3);
    CHECK_INT(lpchat_search_page_count(page), count);
    CHECK_INT(lpchat_search_page_has_next(page), 1);
    engagement = lpchat_search_page_records_at(page, 1);
    transcript = lpchat_engagement_transcript(engagement);
    CHECK(lpchat_transcript_lines_count(transcript) > 0);
    CHECK(lpchat_transcript_line_time(lpchat_transcript_lines_at(transcript, 0)) > 1600000000000);
    CHECK_OK(lpchat_history_get(client, lpchat_engagement_engagement_id(engagement), LPCHAT_ABSENT, NULL, NULL, &list, &error));
    CHECK(lpchat_engagement_list_count(list) >= 1);
    CHECK_TEXT(lpchat_engagement_engagement_id(lpchat_engagement_list_at(list, 0)), lpchat_engagement_engagement_id(engagement));
    lpchat_engagement_list_free(list);
    CHECK_OK(lpchat_history_get(client, lpchat_engagement_engagement_id(engagement), LPCHAT_ABSENT, redaction, NULL, &list, &error));
    redacted = lpchat_engagement_transcript(lpchat_engagement_list_at(list, 0));
    CHECK_INT(lpchat_transcript_lines_count(redacted), lpchat_transcript_lines_count(transcript));
    CHECK(lpchat_transcript_line_text(lpchat_transcript_lines_at(redacted, 0)) == NULL);
    lpchat_engagement_list_free(list);
    lpchat_redaction_free(redaction);
    lpchat_search_page_free(page);
    lpchat_search_query_add_keyword_area(query, LPCHAT_KEYWORD_AREA_CHAT_LINE);
    CHECK_FAILS(lpchat_history_count(client, query, NULL, &count, &error), LPCHAT_INVALID_ARGUMENT, "keyword");
    lpchat_search_query_set_keyword(query, "\"money back\"");
    CHECK_OK(lpchat_history_count(client, query, NULL, &count, &error));
    CHECK(count > 0);
    lpchat_search_query_free(query);
}

static void metrics_and_close(void)
{
    lpchat_metrics *metrics = NULL;
    CHECK_TEXT(lpchat_client_account_id(client), "12345678");
    CHECK_OK(lpchat_client_metrics(client, &metrics, &error));
    CHECK_INT(lpchat_metrics_in_flight(metrics), 0);
    CHECK(lpchat_metrics_requests(metrics) > 20);
    CHECK(lpchat_metrics_bytes_received(metrics) > 1000);
    lpchat_metrics_free(metrics);
    CHECK_OK(lpchat_client_close(client, 1000, NULL, &error));
    CHECK_OK(lpchat_client_close(client, LPCHAT_ABSENT, NULL, &error));
    CHECK_FAILS(lpchat_agent_logout(client, NULL, &error), LPCHAT_CLIENT_CLOSED, "closed");
    CHECK_INT(lpchat_client_free(client), LPCHAT_OK);
}

int main(void)
{
    client = sandbox_client();
    RUN(domains);
    RUN(login);
    RUN(authenticate);
    RUN(agent_online);
    RUN(visitor_starts);
    RUN(agent_accepts);
    RUN(lines_both_ways);
    RUN(documents);
    RUN(both_end);
    RUN(history_search);
    RUN(history_pages);
    RUN(metrics_and_close);
    return finish_tests();
}
