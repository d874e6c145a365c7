/* NULL for every pointer parameter of every function: the generated ones, then those written by hand. */
#include "harness.h"
#include "generated/nulls.h"

static int wrong;

void expect_refusal(const char *function, const char *parameter, int32_t code, lpchat_error **error)
{
    char quoted[128];
    snprintf(quoted, sizeof quoted, "`%s`", parameter);
    if (code != LPCHAT_INVALID_ARGUMENT) {
        fail_at(function, 0, "NULL for %s gives %s", parameter, lpchat_code_name(code));
        wrong++;
    }
    if (error == NULL) return;
    if (*error == NULL || strstr(lpchat_error_text(*error), quoted) == NULL) {
        fail_at(function, 0, "the error for NULL in %s is %s", parameter, *error ? lpchat_error_text(*error) : "not there");
        wrong++;
    }
    lpchat_error_free(*error);
    *error = NULL;
}

void expect_any(const char *function, const char *parameter, int32_t code, lpchat_error **error)
{
    (void)function, (void)parameter, (void)code;
    if (error == NULL) return;
    lpchat_error_free(*error);
    *error = NULL;
}

void expect_absent(const char *function, int absent)
{
    if (absent) return;
    fail_at(function, 0, "NULL gives something");
    wrong++;
}

/* A chat that is being held, seen from both sides. */
static void fill(struct fixture *fixture)
{
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_search_query *query = lpchat_search_query_new();
    int64_t end = now_ms() + 5000;
    memset(fixture, 0, sizeof *fixture);
    fixture->options = lpchat_call_options_new();
    lpchat_call_options_set_timeout_ms(fixture->options, 2000);
    fixture->client = sandbox_client();
    lpchat_chat_request_set_skill(request, "Human");
    lpchat_agent_start_session(fixture->client, NULL, &fixture->agent_session, NULL);
    lpchat_agent_session_set_availability(fixture->agent_session, LPCHAT_AVAILABILITY_STATE_ONLINE, NULL, NULL, NULL);
    lpchat_visitor_start_chat(fixture->client, request, NULL, &fixture->visitor_chat, NULL);
    while (fixture->agent_chat == NULL && now_ms() < end) {
        lpchat_agent_session_accept_chat(fixture->agent_session, NULL, &fixture->agent_chat, NULL);
        sleep_ms(2);
    }
    lpchat_search_query_set_engagement_id(query, "1");
    lpchat_history_search(fixture->client, query, &fixture->search, NULL);
    CHECK(fixture->visitor_chat && fixture->agent_session && fixture->agent_chat && fixture->search);
    lpchat_chat_request_free(request);
    lpchat_search_query_free(query);
}

static void drop(struct fixture *fixture)
{
    lpchat_visitor_chat_end(fixture->visitor_chat, NULL, NULL);
    lpchat_agent_logout(fixture->client, NULL, NULL);
    lpchat_call_options_free(fixture->options);
    lpchat_visitor_chat_free(fixture->visitor_chat);
    lpchat_agent_chat_free(fixture->agent_chat);
    lpchat_agent_session_free(fixture->agent_session);
    lpchat_search_free(fixture->search);
    lpchat_client_free(fixture->client);
}

/* Whether the chat is still being held: a function may have ended it, or closed the client. */
static int is_fresh(const struct fixture *fixture)
{
    lpchat_chat_information *information = NULL;
    int32_t state = 0;
    if (lpchat_agent_chat_retrieve_information(fixture->agent_chat, NULL, &information, NULL) == LPCHAT_OK)
        state = lpchat_chat_information_state(information);
    lpchat_chat_information_free(information);
    return state == LPCHAT_CHAT_STATE_CHATTING;
}

static void generated_functions(void)
{
    const struct null_test *test;
    struct fixture fixture;
    int count = 0, fresh = 0;
    for (test = null_tests; test->function != NULL; test++, count++) {
        if (!fresh) fill(&fixture);
        test->run(&fixture);
        fresh = is_fresh(&fixture);
        if (!fresh) drop(&fixture);
    }
    if (fresh) drop(&fixture);
    CHECK_INT(wrong, 0);
    CHECK(count > 500);
    printf("  NULL was handed to %d functions\n", count);
}

static void functions_written_by_hand(void)
{
    lpchat_error *error = NULL;
    lpchat_call *call = NULL;
    lpchat_call_options *options = lpchat_call_options_new();
    struct ArrowArrayStream stream;
    int64_t milliseconds = 0;
    char buffer[8];
    expect_refusal("lpchat_call_new", "call", lpchat_call_new(NULL, &error), &error);
    expect_any("lpchat_call_new", "error", lpchat_call_new(&call, NULL), NULL);
    lpchat_call_free(call);
    expect_refusal("lpchat_call_cancel", "call", lpchat_call_cancel(NULL), NULL);
    CHECK_INT(lpchat_call_is_cancelled(NULL), -1);
    CHECK_INT(lpchat_call_free(NULL), LPCHAT_OK);
    expect_refusal("lpchat_call_options_set_call", "options", lpchat_call_options_set_call(NULL, NULL), NULL);
    CHECK_INT(lpchat_call_options_set_call(options, NULL), LPCHAT_OK);
    expect_refusal("lpchat_timestamp_parse", "text", lpchat_timestamp_parse(NULL, &milliseconds, &error), &error);
    expect_refusal("lpchat_timestamp_parse", "milliseconds", lpchat_timestamp_parse("2026-03-01", NULL, &error), &error);
    CHECK_INT(lpchat_timestamp_parse(NULL, NULL, NULL), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_timestamp_format(0, NULL, sizeof buffer), 24);
    CHECK(lpchat_error_text(NULL) == NULL);
    CHECK_INT(lpchat_error_text_len(NULL), 0);
    CHECK_INT(lpchat_error_family(NULL), 0);
    lpchat_error_free(NULL);
    CHECK(lpchat_text_value(NULL) == NULL);
    CHECK_INT(lpchat_text_value_len(NULL), 0);
    lpchat_text_free(NULL);
    expect_refusal("lpchat_search_table", "search", lpchat_search_table(NULL, "lines", 0, NULL, &stream, &error), &error);
    expect_refusal("lpchat_search_table", "table", lpchat_search_table(NULL, NULL, 0, NULL, &stream, &error), &error);
    expect_refusal("lpchat_search_table", "stream", lpchat_search_table(NULL, "lines", 0, options, NULL, &error), &error);
    CHECK_INT(lpchat_search_table(NULL, NULL, 0, NULL, NULL, NULL), LPCHAT_INVALID_ARGUMENT);
    expect_refusal("lpchat_search_page_table", "page", lpchat_search_page_table(NULL, "lines", 0, &stream, &error), &error);
    expect_refusal("lpchat_search_page_table", "stream", lpchat_search_page_table(NULL, "lines", 0, NULL, &error), &error);
    CHECK_INT(lpchat_search_page_table(NULL, NULL, 0, NULL, NULL), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_set_log(NULL, LPCHAT_LOG_DEBUG, NULL), LPCHAT_OK);
    lpchat_call_options_free(options);
}

int main(void)
{
    RUN(generated_functions);
    RUN(functions_written_by_hand);
    return finish_tests();
}
