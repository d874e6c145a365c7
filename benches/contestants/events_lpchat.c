/* What an event costs that comes in a batch of 64: batches are read that are there already. */
#include <lpchat.h>
#include <unistd.h>

#include "stopwatch.h"

enum { CHATS = 40, BATCHES = 7, SIZE = 64 };

static long characters;

static int read_batch(const lpchat_event_stream *stream, int32_t most, int64_t wait) {
    lpchat_chat_event_batch *batch = NULL;
    if (lpchat_event_stream_next_events(stream, most, wait, NULL, &batch, NULL) != LPCHAT_OK) exit(1);
    size_t count = lpchat_chat_event_batch_events_count(batch);
    for (size_t index = 0; index < count; index++) {
        const lpchat_chat_event *event = lpchat_chat_event_batch_events_at(batch, index);
        characters += (long)(lpchat_chat_event_text_len(event) + lpchat_chat_event_id_len(event));
        characters += lpchat_chat_event_text(event)[0] + (lpchat_chat_event_source(event) == LPCHAT_LINE_SOURCE_AGENT);
    }
    lpchat_chat_event_batch_free(batch);
    return (int)count;
}

int main(void) {
    int events = 0;
    lpchat_event_stream *streams[CHATS];
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    lpchat_client_options_set_sandbox(options, getenv("SANDBOX_LINE"));
    lpchat_client_options_set_poll_interval_ms(options, 10);
    lpchat_client_options_set_quiet_poll_interval_ms(options, 10);
    if (lpchat_client_new(options, &client, NULL) != LPCHAT_OK) return 1;
    for (int chat = 0; chat < CHATS; chat++) {
        char id[32];
        lpchat_visitor_chat *handle = NULL;
        snprintf(id, sizeof id, "H%dK%d", chat, chat);
        if (lpchat_visitor_chat_by_id(client, id, &handle, NULL) != LPCHAT_OK) return 1;
        if (lpchat_visitor_chat_events(handle, &streams[chat], NULL) != LPCHAT_OK) return 1;
        lpchat_visitor_chat_free(handle);
        read_batch(streams[chat], 1, 0);
    }
    /* Until every stream holds as many events as it ever does. */
    usleep(1500000);
    stopwatch begun = stopwatch_read();
    for (int chat = 0; chat < CHATS; chat++)
        for (int batch = 0; batch < BATCHES; batch++) events += read_batch(streams[chat], SIZE, LPCHAT_ABSENT);
    stopwatch_report(begun, events, events > CHATS * BATCHES * SIZE / 2 ? "True" : "False");
    for (int chat = 0; chat < CHATS; chat++) lpchat_event_stream_free(streams[chat]);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    return characters < 0;
}
