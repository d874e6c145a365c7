/* Handles that were freed, freed twice, of another kind, or none at all; from one thread and from many. */
#include "harness.h"

#include <pthread.h>

static lpchat_error *error;

static lpchat_client *offline_client(void)
{
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    lpchat_client_options_set_account_id(options, "1");
    CHECK_OK(lpchat_client_new(options, &client, &error));
    lpchat_client_options_free(options);
    return client;
}

static void freed_handles_are_recognised(void)
{
    lpchat_client *client = offline_client();
    lpchat_visitor_chat *chat = NULL;
    lpchat_metrics *metrics = NULL;
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    CHECK_INT(lpchat_client_free(client), LPCHAT_OK);
    CHECK_INT(lpchat_client_free(client), LPCHAT_INVALID_ARGUMENT);
    CHECK_FAILS(lpchat_client_metrics(client, &metrics, &error), LPCHAT_INVALID_ARGUMENT, "`client` is a lpchat_client that was freed");
    CHECK(metrics == NULL);
    /* A chat does not need its client's handle. */
    CHECK_TEXT(lpchat_visitor_chat_id(chat), "K1");
    CHECK_INT(lpchat_visitor_chat_free(chat), LPCHAT_OK);
    CHECK(lpchat_visitor_chat_id(chat) == NULL);
    CHECK_INT(lpchat_visitor_chat_id_len(chat), 0);
    CHECK_FAILS(lpchat_visitor_chat_end(chat, NULL, &error), LPCHAT_INVALID_ARGUMENT, "`chat` is a lpchat_visitor_chat that was freed");
    CHECK_INT(lpchat_visitor_chat_free(NULL), LPCHAT_OK);
}

static void a_slot_that_is_used_again_has_another_handle(void)
{
    lpchat_client *first = offline_client(), *second;
    lpchat_metrics *metrics = NULL;
    lpchat_client_free(first);
    second = offline_client();
    CHECK(first != second);
    CHECK_INT(lpchat_client_metrics(first, &metrics, NULL), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_client_metrics(second, &metrics, NULL), LPCHAT_OK);
    lpchat_metrics_free(metrics);
    CHECK_INT(lpchat_client_free(first), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_client_free(second), LPCHAT_OK);
}

static void foreign_pointers_are_recognised(void)
{
    lpchat_client *client = offline_client();
    lpchat_visitor_chat *chat = NULL;
    int64_t local = 0;
    lpchat_metrics *metrics = NULL;
    CHECK_OK(lpchat_visitor_chat_by_id(client, "K1", &chat, &error));
    CHECK_FAILS(lpchat_client_metrics((lpchat_client *)(void *)chat, &metrics, &error), LPCHAT_INVALID_ARGUMENT,
                "`client` is a lpchat_visitor_chat, not a lpchat_client");
    CHECK_FAILS(lpchat_client_metrics((lpchat_client *)(void *)&local, &metrics, &error), LPCHAT_INVALID_ARGUMENT,
                "`client` is no handle of a lpchat_client");
    CHECK_INT(lpchat_visitor_chat_free((lpchat_visitor_chat *)(void *)client), LPCHAT_INVALID_ARGUMENT);
    /* A handle where a document belongs reads as absent. */
    CHECK(lpchat_chat_information_agent_name((lpchat_chat_information *)(void *)client) == NULL);
    lpchat_visitor_chat_free(chat);
    lpchat_client_free(client);
}

static void calls_are_handles_too(void)
{
    lpchat_call *call = NULL;
    lpchat_call_options *options = lpchat_call_options_new();
    lpchat_client *client = offline_client();
    CHECK_OK(lpchat_call_new(&call, &error));
    CHECK_INT(lpchat_call_is_cancelled(call), 0);
    CHECK_INT(lpchat_call_free(call), LPCHAT_OK);
    CHECK_INT(lpchat_call_free(call), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_call_cancel(call), LPCHAT_INVALID_ARGUMENT);
    CHECK_INT(lpchat_call_is_cancelled(call), -1);
    CHECK_INT(lpchat_call_options_set_call(options, call), LPCHAT_INVALID_ARGUMENT);
    CHECK_FAILS(lpchat_agent_logout(client, options, &error), LPCHAT_INVALID_ARGUMENT, "`call` is a lpchat_call that was freed");
    CHECK_INT(lpchat_call_options_set_call(options, NULL), LPCHAT_OK);
    CHECK_OK(lpchat_agent_logout(client, options, &error));
    lpchat_call_options_free(options);
    lpchat_client_free(client);
}

static void *free_them(void *argument)
{
    lpchat_client **clients = argument;
    intptr_t freed = 0;
    size_t index;
    for (index = 0; index < 500; index++) freed += lpchat_client_free(clients[index]) == LPCHAT_OK;
    return (void *)freed;
}

static void threads_may_race_to_free(void)
{
    lpchat_client *clients[500];
    pthread_t threads[4];
    intptr_t freed = 0;
    size_t index;
    for (index = 0; index < 500; index++) clients[index] = offline_client();
    for (index = 0; index < 4; index++) pthread_create(&threads[index], NULL, free_them, clients);
    for (index = 0; index < 4; index++) {
        void *own;
        pthread_join(threads[index], &own);
        freed += (intptr_t)own;
    }
    CHECK_INT(freed, 500);
}

/* A sequence of calls drawn at random, from several threads over the same few handles. */
static lpchat_client *shared[8];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

static void *stir(void *argument)
{
    unsigned state = (unsigned)(intptr_t)argument * 2654435761u + 1;
    int step;
    for (step = 0; step < 4000; step++) {
        unsigned slot;
        lpchat_client *client;
        lpchat_visitor_chat *chat = NULL;
        state = state * 1664525u + 1013904223u;
        slot = (state >> 16) & 7;
        pthread_mutex_lock(&shared_lock);
        client = shared[slot];
        pthread_mutex_unlock(&shared_lock);
        switch ((state >> 24) & 3) {
        case 0:
            client = offline_client();
            pthread_mutex_lock(&shared_lock);
            shared[slot] = client;
            pthread_mutex_unlock(&shared_lock);
            break;
        case 1:
            lpchat_client_free(client);
            break;
        default:
            if (lpchat_visitor_chat_by_id(client, "K1", &chat, NULL) == LPCHAT_OK) {
                lpchat_visitor_chat_id(chat);
                lpchat_visitor_chat_free(chat);
            }
            lpchat_client_account_id(client);
        }
    }
    return NULL;
}

static void random_sequences_do_no_harm(void)
{
    pthread_t threads[4];
    intptr_t index;
    for (index = 0; index < 4; index++) pthread_create(&threads[index], NULL, stir, (void *)index);
    for (index = 0; index < 4; index++) pthread_join(threads[index], NULL);
}

int main(void)
{
    RUN(freed_handles_are_recognised);
    RUN(a_slot_that_is_used_again_has_another_handle);
    RUN(foreign_pointers_are_recognised);
    RUN(calls_are_handles_too);
    RUN(threads_may_race_to_free);
    RUN(random_sequences_do_no_harm);
    return finish_tests();
}
