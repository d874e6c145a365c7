/* Texts that are none, values out of range, what setters remember; texts with U+0000; times; the version. */
#include "harness.h"

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

static lpchat_error *error;

static void malformed_texts_are_refused(void)
{
    static const char *const malformed[] = {"\xE9t\xE9", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80", "a\xFF"};
    lpchat_client *client = sandbox_client();
    lpchat_visitor_chat *chat = NULL;
    size_t index;
    for (index = 0; index < sizeof malformed / sizeof *malformed; index++) {
        lpchat_chat_request *request = lpchat_chat_request_new();
        CHECK_INT(lpchat_chat_request_set_skill(request, malformed[index]), LPCHAT_INVALID_ARGUMENT);
        CHECK_FAILS(lpchat_visitor_start_chat(client, request, NULL, &chat, &error), LPCHAT_INVALID_ARGUMENT, "`skill` is not UTF-8");
        CHECK_FAILS(lpchat_visitor_chat_by_id(client, malformed[index], &chat, &error), LPCHAT_INVALID_ARGUMENT, "`id` is not UTF-8");
        lpchat_chat_request_free(request);
    }
    CHECK(chat == NULL);
    lpchat_client_free(client);
}

static void a_refused_value_is_remembered_until_set_again(void)
{
    lpchat_client *client = sandbox_client();
    lpchat_search_query *query = lpchat_search_query_new();
    int64_t count = 0, start = 0;
    CHECK_OK(lpchat_timestamp_parse("2026-03-01", &start, &error));
    lpchat_search_query_set_start(query, start);
    lpchat_search_query_set_end(query, start + 3600000);
    CHECK_INT(lpchat_search_query_set_keyword(query, "\xFF"), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_search_query_set_interactive(query, 7), LPCHAT_INVALID_ARGUMENT);
    CHECK_FAILS(lpchat_history_count(client, query, NULL, &count, &error), LPCHAT_INVALID_ARGUMENT, "`keyword`");
    CHECK_INT(lpchat_search_query_set_keyword(query, NULL), LPCHAT_OK);
    CHECK_FAILS(lpchat_history_count(client, query, NULL, &count, &error), LPCHAT_INVALID_ARGUMENT, "`interactive` is 7");
    CHECK_INT(lpchat_search_query_set_interactive(query, 1), LPCHAT_OK);
    CHECK_OK(lpchat_history_count(client, query, NULL, &count, &error));
    CHECK_INT(lpchat_search_query_add_skill_id(query, NULL), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_search_query_set_channel(query, 99), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_search_query_set_channel(query, LPCHAT_CHANNEL_OTHER), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_search_query_set_channel(query, LPCHAT_CHANNEL_ABSENT), LPCHAT_OK);
    CHECK_INT(lpchat_search_query_set_channel_text(query, "carrier pigeon"), LPCHAT_OK);
    lpchat_search_query_free(query);
    lpchat_client_free(client);
}

static void options_are_checked(void)
{
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    CHECK_INT(lpchat_client_options_set_timeout_ms(options, -5), LPCHAT_INVALID_ARGUMENT);
    CHECK_FAILS(lpchat_client_new(options, &client, &error), LPCHAT_INVALID_ARGUMENT, "must not be negative");
    CHECK_INT(lpchat_client_options_set_timeout_ms(options, LPCHAT_ABSENT), LPCHAT_OK);
    CHECK_INT(lpchat_client_options_put_domain(options, NULL, "x"), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_client_options_put_domain(options, "agentVep", "evil.example"), LPCHAT_OK);
    lpchat_client_options_set_account_id(options, "1");
    CHECK_FAILS(lpchat_client_new(options, &client, &error), LPCHAT_UNTRUSTED_HOST, "domains");
    CHECK_INT(lpchat_error_family(NULL), 0);
    CHECK(client == NULL);
    lpchat_client_options_free(options);
}

static void a_nested_refusal_is_a_refusal(void)
{
    lpchat_survey_answer *answer = lpchat_survey_answer_new();
    lpchat_survey_submission *survey = lpchat_survey_submission_new();
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_survey_answer_set_question_id(answer, "1");
    CHECK_INT(lpchat_survey_answer_add_answer(answer, "\x80"), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_survey_submission_add_answer(survey, answer), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_chat_request_set_survey(request, survey), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_survey_answer_add_answer(answer, "yes"), LPCHAT_OK);
    CHECK_INT(lpchat_survey_submission_add_answer(survey, answer), LPCHAT_OK);
    CHECK_INT(lpchat_chat_request_set_survey(request, survey), LPCHAT_OK);
    CHECK_INT(lpchat_chat_request_set_survey(request, NULL), LPCHAT_OK);
    lpchat_chat_request_free(request);
    lpchat_survey_submission_free(survey);
    lpchat_survey_answer_free(answer);
}

static void texts_with_nul_keep_their_length(void)
{
    static const char body[] =
        "{\"events\":{\"link\":[],\"event\":[{\"@id\":\"0\",\"@type\":\"line\",\"text\":\"a\\u0000b\",\"by\":\"x\",\"source\":\"martian\"}]}}";
    struct tiny_server *server = tiny_server_new(TINY_SAYS);
    lpchat_client *client = tiny_client(server);
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_events *events = NULL;
    const lpchat_chat_event *event;
    tiny_server_say(server, "200 OK", "", body, strlen(body));
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    CHECK_OK(lpchat_visitor_chat_retrieve_events(chat, LPCHAT_ABSENT, NULL, &events, &error));
    event = lpchat_chat_events_events_at(events, 0);
    CHECK_INT(lpchat_chat_event_text_len(event), 3);
    CHECK(lpchat_chat_event_text(event) != NULL && memcmp(lpchat_chat_event_text(event), "a\0b", 4) == 0);
    CHECK_INT(lpchat_chat_event_source(event), LPCHAT_LINE_SOURCE_OTHER);
    CHECK_TEXT(lpchat_chat_event_source_text(event), "martian");
    CHECK_TEXT(lpchat_chat_event_by(event), "x");
    CHECK_INT(lpchat_chat_event_system_message_id(event), LPCHAT_ABSENT);
    lpchat_chat_events_free(events);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
    tiny_server_free(server);
}

static void times_go_both_ways(void)
{
    int64_t instant = 5;
    char text[32];
    CHECK_OK(lpchat_timestamp_parse("2026-03-01T09:30:00.5+01:00", &instant, &error));
    CHECK_INT(instant, 1772353800500);
    CHECK_INT(lpchat_timestamp_format(instant, text, sizeof text), 24);
    CHECK_TEXT(text, "2026-03-01T08:30:00.500Z");
    CHECK_INT(lpchat_timestamp_format(instant, text, 5), 24);
    CHECK_TEXT(text, "2026");
    CHECK_INT(lpchat_timestamp_format(LPCHAT_ABSENT, text, sizeof text), 0);
    CHECK_TEXT(text, "");
    CHECK_INT(lpchat_timestamp_format(instant, NULL, 0), 24);
    CHECK(lpchat_timestamp_format(INT64_MAX, text, sizeof text) > 0);
    instant = 5;
    CHECK_FAILS(lpchat_timestamp_parse("2026-03-01T09:30:00", &instant, &error), LPCHAT_INVALID_ARGUMENT, "offset");
    CHECK_INT(instant, 5);
}

static void versions_agree(void)
{
    CHECK_TEXT(lpchat_version(), LPCHAT_VERSION);
    CHECK_TEXT(LPCHAT_VERSION, TEXT_OF(LPCHAT_VERSION_MAJOR) "." TEXT_OF(LPCHAT_VERSION_MINOR) "." TEXT_OF(LPCHAT_VERSION_PATCH));
    CHECK_INT(lpchat_version_number(), LPCHAT_VERSION_NUMBER);
    CHECK_INT(LPCHAT_VERSION_NUMBER, LPCHAT_VERSION_MAJOR * 1000000 + LPCHAT_VERSION_MINOR * 1000 + LPCHAT_VERSION_PATCH);
}

static void codes_have_names_and_families(void)
{
    CHECK_TEXT(lpchat_code_name(LPCHAT_OK), "Ok");
    CHECK_TEXT(lpchat_code_name(LPCHAT_END), "End");
    CHECK_TEXT(lpchat_code_name(LPCHAT_NOT_CHATTING), "NotChatting");
    CHECK_TEXT(lpchat_code_name(-1), "Unknown");
    CHECK_INT(lpchat_code_family(LPCHAT_NOT_CHATTING), LPCHAT_FAMILY_CHAT_STATE);
    CHECK_INT(lpchat_code_family(LPCHAT_OK), 0);
    CHECK_TEXT(lpchat_family_name(LPCHAT_FAMILY_CHAT_STATE), "ChatState");
    CHECK_TEXT(lpchat_family_name(1), "Unknown");
}

int main(void)
{
    RUN(malformed_texts_are_refused);
    RUN(a_refused_value_is_remembered_until_set_again);
    RUN(options_are_checked);
    RUN(a_nested_refusal_is_a_refusal);
    RUN(texts_with_nul_keep_their_length);
    RUN(times_go_both_ways);
    RUN(versions_agree);
    RUN(codes_have_names_and_families);
    return finish_tests();
}
