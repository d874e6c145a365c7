/* Polling many chats with lpchat for C: `chat_lpchat saturated CHATS EVENTS`. One thread takes what each chat has, in turns. */
#include <lpchat.h>

#include "chats.h"

static void read_events(lpchat_event_stream *stream, int64_t wait, chat_user *user, long *next, long wanted) {
    lpchat_chat_event_batch *batch = NULL;
    if (lpchat_event_stream_next_events(stream, LPCHAT_ABSENT_INT32, wait, NULL, &batch, NULL) != LPCHAT_OK) exit(1);
    for (size_t index = 0; index < lpchat_chat_event_batch_events_count(batch) && *next < wanted; index++) {
        const lpchat_chat_event *event = lpchat_chat_event_batch_events_at(batch, index);
        user_read(user, (*next)++, lpchat_chat_event_id(event), lpchat_chat_event_text(event));
    }
    lpchat_chat_event_batch_free(batch);
}

int main(int count, char **words) {
    if (count < 4) return 2;
    int chats = atoi(words[2]), open = chats;
    long wanted = atol(words[3]);
    long *next = calloc((size_t)chats, sizeof *next);
    lpchat_event_stream **streams = calloc((size_t)chats, sizeof *streams);
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    chat_user user = {0, 0};
    lpchat_client_options_set_sandbox(options, getenv("SANDBOX_LINE"));
    lpchat_client_options_set_poll_interval_ms(options, 10);
    lpchat_client_options_set_quiet_poll_interval_ms(options, 10);
    lpchat_client_options_set_poll_concurrency(options, 48);
    if (lpchat_client_new(options, &client, NULL) != LPCHAT_OK) return 1;
    stopwatch begun = stopwatch_read();
    for (int chat = 0; chat < chats; chat++) {
        char id[32];
        lpchat_visitor_chat *handle = NULL;
        snprintf(id, sizeof id, "H%dK%d", chat, chat);
        if (lpchat_visitor_chat_by_id(client, id, &handle, NULL) != LPCHAT_OK) return 1;
        if (lpchat_visitor_chat_events(handle, &streams[chat], NULL) != LPCHAT_OK) return 1;
        lpchat_visitor_chat_free(handle);
    }
    /* The first read of a chat begins its polls and waits for nothing. */
    for (int64_t wait = 0; open > 0; wait = LPCHAT_ABSENT) {
        for (int chat = 0; chat < chats; chat++) {
            if (!streams[chat]) continue;
            read_events(streams[chat], wait, &user, &next[chat], wanted);
            if (next[chat] < wanted) continue;
            lpchat_event_stream_free(streams[chat]);
            streams[chat] = NULL;
            open--;
        }
    }
    user_report(&user, begun);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    return 0;
}
