/* Services that refuse, fail and misbehave: each gives a documented error, none crashes or hangs. */
#include "harness.h"

static lpchat_error *error;

static void the_service_refuses(void)
{
    lpchat_client *client = sandbox_client();
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_information *information = NULL;
    lpchat_chat_request_set_skill(request, "No such skill");
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K-nothing", &chat, &error));
    CHECK_INT(lpchat_visitor_chat_retrieve_information(chat, NULL, &information, &error), LPCHAT_CHAT_GONE);
    CHECK_INT(lpchat_error_http_status(error), 404);
    CHECK(lpchat_error_attempts(error) >= 1);
    CHECK_HOLDS(lpchat_error_operation(error), "VisitorChat.retrieve_information");
    CHECK(lpchat_error_request_id_len(error) > 0);
    CHECK_HOLDS(lpchat_error_text(error), "HTTP 404");
    CHECK_INT(lpchat_error_text_len(error), strlen(lpchat_error_text(error)));
    CHECK_INT(lpchat_error_retryable(error), 0);
    CHECK_TEXT(lpchat_family_name(lpchat_error_family(error)), "NotFound");
    lpchat_error_free(error);
    error = NULL;
    CHECK(information == NULL);
    lpchat_visitor_chat_free(chat);
    lpchat_chat_request_free(request);
    lpchat_client_free(client);
}

static void a_wrong_password_is_an_authentication_error(void)
{
    lpchat_client_options *options = sandbox_options();
    lpchat_client *client = NULL;
    lpchat_login *login = NULL;
    lpchat_client_options_set_password(options, "wrong-password");
    CHECK_OK(lpchat_client_new(options, &client, &error));
    CHECK_INT(lpchat_agent_login(client, NULL, &login, &error), LPCHAT_LOGIN_FAILED);
    CHECK_INT(lpchat_error_family(error), LPCHAT_FAMILY_AUTHENTICATION);
    CHECK(strstr(lpchat_error_text(error), "wrong-password") == NULL);
    lpchat_error_free(error);
    error = NULL;
    lpchat_client_options_free(options);
    lpchat_client_free(client);
}

static void no_credential_is_a_configuration_error(void)
{
    struct tiny_server *server = tiny_server_new(TINY_SAYS);
    lpchat_client_options *options = tiny_options(server);
    lpchat_client *client = NULL;
    lpchat_agent_session *session = NULL;
    CHECK_OK(lpchat_client_new(options, &client, &error));
    CHECK_FAILS(lpchat_agent_start_session(client, NULL, &session, &error), LPCHAT_UNUSABLE_CREDENTIAL, "username");
    CHECK(session == NULL);
    CHECK_INT(tiny_server_requests(server), 0);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    tiny_server_free(server);
}

/* Asks a server that answers like this for a chat's information. */
static int32_t ask(enum tiny_mode mode, const char *status, const char *headers, const char *body, size_t size)
{
    struct tiny_server *server = tiny_server_new(mode);
    lpchat_client *client = tiny_client_timeout(server, 3000);
    lpchat_visitor_chat *chat = NULL;
    lpchat_chat_information *information = NULL;
    lpchat_call_options *options = lpchat_call_options_new();
    int32_t code;
    lpchat_call_options_set_retries(options, 0);
    tiny_server_say(server, status, headers, body, size);
    lpchat_visitor_chat_by_id(client, "K1", &chat, NULL);
    code = lpchat_visitor_chat_retrieve_information(chat, options, &information, &error);
    CHECK((code == LPCHAT_OK) == (information != NULL));
    CHECK((code != LPCHAT_OK) == (error != NULL));
    lpchat_chat_information_free(information);
    lpchat_error_free(error);
    error = NULL;
    lpchat_call_options_free(options);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
    tiny_server_free(server);
    return code;
}

#define ASK(mode, status, headers, body) ask(mode, status, headers, body, strlen(body))

static void bad_answers_give_documented_errors(void)
{
    static const char good[] = "{\"info\":{\"link\":[],\"state\":\"chatting\"}}";
    CHECK_INT(ASK(TINY_SAYS, "200 OK", "", good), LPCHAT_OK);
    CHECK_INT(ASK(TINY_SAYS, "200 OK", "", ""), LPCHAT_EMPTY_ANSWER);
    CHECK_INT(ASK(TINY_SAYS, "200 OK", "", "{\"info\":"), LPCHAT_NOT_JSON);
    CHECK_INT(lpchat_code_family(ASK(TINY_SAYS, "200 OK", "", "<html>proxy</html>")), LPCHAT_FAMILY_DECODE);
    CHECK_INT(ASK(TINY_SAYS, "200 OK", "", "\xFF\xFE"), LPCHAT_NOT_JSON);
    CHECK_INT(ASK(TINY_SAYS, "200 OK", "", "{\"info\":[1,2]}"), LPCHAT_UNEXPECTED_SHAPE);
    CHECK_INT(ASK(TINY_SAYS, "502 Bad Gateway", "", "<html>proxy</html>"), LPCHAT_SERVER_FAILED);
    CHECK_INT(ASK(TINY_SAYS, "503 Unavailable", "", ""), LPCHAT_UNAVAILABLE);
    CHECK_INT(ASK(TINY_SAYS, "429 Too Many", "Retry-After: 1\r\n", "{}"), LPCHAT_THROTTLED);
    CHECK_INT(ASK(TINY_SAYS, "401 Unauthorized", "", "{}"), LPCHAT_UNAUTHORIZED);
    CHECK_INT(ASK(TINY_SAYS, "403 Forbidden", "", "{}"), LPCHAT_FORBIDDEN);
    CHECK_INT(ASK(TINY_SAYS, "302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n", ""), LPCHAT_UNEXPECTED_REDIRECT);
    CHECK_INT(ASK(TINY_BREAKS, "200 OK", "", good), LPCHAT_CONNECTION_LOST);
    CHECK_INT(ASK(TINY_RESETS, "200 OK", "", good), LPCHAT_CONNECTION_LOST);
}

static void a_huge_line_is_refused(void)
{
    static const char head[] = "{\"info\":{\"agentName\":\"", tail[] = "\"}}";
    size_t size = 10 * 1024 * 1024;
    char *body = malloc(size);
    memset(body, 'x', size);
    memcpy(body, head, sizeof head - 1);
    memcpy(body + size - (sizeof tail - 1), tail, sizeof tail - 1);
    CHECK_INT(ask(TINY_SAYS, "200 OK", "", body, size), LPCHAT_TOO_LARGE);
    free(body);
}

static void an_error_needs_no_handle(void)
{
    lpchat_client *client = NULL;
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client_options_set_account_id(options, "not/an/account");
    CHECK_INT(lpchat_client_new(options, &client, NULL), LPCHAT_INVALID_OPTION);
    CHECK_FAILS(lpchat_client_new(options, &client, &error), LPCHAT_INVALID_OPTION, "account_id");
    lpchat_client_options_free(options);
}

int main(void)
{
    RUN(the_service_refuses);
    RUN(a_wrong_password_is_an_authentication_error);
    RUN(no_credential_is_a_configuration_error);
    RUN(bad_answers_give_documented_errors);
    RUN(a_huge_line_is_refused);
    RUN(an_error_needs_no_handle);
    return finish_tests();
}
