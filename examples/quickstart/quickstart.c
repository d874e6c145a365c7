#include <lpchat.h>
#include <stdio.h>

int main(int argc, char **argv) {
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_chat_request *request = lpchat_chat_request_new();
    lpchat_client *client = NULL;
    lpchat_visitor_chat *chat = NULL;
    lpchat_error *error = NULL;
    lpchat_client_options_set_sandbox(options, argc > 1 ? argv[1] : NULL);
    lpchat_chat_request_set_skill(request, "Sales");
    if (lpchat_client_new(options, &client, &error) || lpchat_visitor_start_chat(client, request, NULL, &chat, &error))
        return fprintf(stderr, "%s\n", lpchat_error_text(error)), 1;
    puts("A chat has begun.");
}
