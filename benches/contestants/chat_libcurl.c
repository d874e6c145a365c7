/* Polling many chats with libcurl's multi interface and yyjson: `chat_libcurl saturated CHATS EVENTS`. Each of the connections takes the
 * chat that has waited longest; the cursor is kept, events are read in order. */
#include <curl/curl.h>
#include <yyjson.h>

#include "chats.h"

enum { CONNECTIONS = 48 };

typedef struct transfer {
    CURL *easy;
    int chat;
    size_t length;
    char body[1 << 16];
} transfer;

static transfer transfers[CONNECTIONS];
static long *next_events;
static int *waiting, first_waiting, waiting_count, chats;

static size_t take(char *data, size_t size, size_t count, void *user) {
    transfer *it = user;
    size_t bytes = size * count;
    if (it->length + bytes > sizeof it->body) return 0;
    memcpy(it->body + it->length, data, bytes);
    it->length += bytes;
    return bytes;
}

static void wait_in_line(int chat) {
    waiting[(first_waiting + waiting_count++) % chats] = chat;
}

static void start(CURLM *multi, transfer *it, const char *origin, const char *account) {
    char url[256];
    it->chat = waiting[first_waiting];
    first_waiting = (first_waiting + 1) % chats;
    waiting_count--;
    it->length = 0;
    snprintf(url, sizeof url, "%s/api/account/%s/chat/H%dK%d.json?v=1&NC=true&from=%ld", origin, account, it->chat, it->chat,
             next_events[it->chat]);
    curl_easy_setopt(it->easy, CURLOPT_URL, url);
    if (curl_multi_add_handle(multi, it->easy) != CURLM_OK) exit(1);
}

static int by_id(const void *one, const void *other) {
    const char *ids[2] = {yyjson_get_str(yyjson_obj_get(*(yyjson_val *const *)one, "@id")),
                          yyjson_get_str(yyjson_obj_get(*(yyjson_val *const *)other, "@id"))};
    return (atol(ids[0]) > atol(ids[1])) - (atol(ids[0]) < atol(ids[1]));
}

/* Hands the events of an answer to the user. */
static void read_answer(transfer *it, chat_user *user, long wanted) {
    yyjson_doc *document = yyjson_read(it->body, it->length, 0);
    yyjson_val *chat = yyjson_obj_get(yyjson_doc_get_root(document), "chat");
    yyjson_val *list = yyjson_obj_get(yyjson_obj_get(chat, "events"), "event");
    if (!chat) exit(1);
    yyjson_val *events[64], *event;
    size_t index, count, found = 0;
    if (yyjson_is_obj(list)) events[found++] = list;
    yyjson_arr_foreach(list, index, count, event) if (found < 64) events[found++] = event;
    qsort(events, found, sizeof *events, by_id);
    for (index = 0; index < found; index++) {
        const char *id = yyjson_get_str(yyjson_obj_get(events[index], "@id"));
        yyjson_val *text = yyjson_obj_get(events[index], "text");
        if (atol(id) < next_events[it->chat] || next_events[it->chat] >= wanted) continue;
        user_read(user, next_events[it->chat]++, id, yyjson_get_str(text));
    }
    yyjson_doc_free(document);
}

int main(int count, char **words) {
    if (count < 4) return 2;
    long wanted = atol(words[3]);
    char origin[128], account[64];
    chat_user user = {0, 0};
    chats = atoi(words[2]);
    member(getenv("SANDBOX_LINE"), "domain_origin", origin, sizeof origin);
    member(getenv("SANDBOX_LINE"), "account_id", account, sizeof account);
    next_events = calloc((size_t)chats, sizeof *next_events);
    waiting = calloc((size_t)chats, sizeof *waiting);
    for (int chat = 0; chat < chats; chat++) wait_in_line(chat);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: LivePerson appKey=key");
    headers = curl_slist_append(headers, "Accept: application/json");
    stopwatch begun = stopwatch_read();
    for (int i = 0; i < CONNECTIONS; i++) {
        transfer *it = &transfers[i];
        it->easy = curl_easy_init();
        curl_easy_setopt(it->easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(it->easy, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(it->easy, CURLOPT_WRITEDATA, it);
        curl_easy_setopt(it->easy, CURLOPT_PRIVATE, it);
        if (waiting_count > 0) start(multi, it, origin, account);
    }
    for (int running = 1; running > 0;) {
        int left;
        CURLMsg *message;
        if (curl_multi_perform(multi, &running) != CURLM_OK) return 1;
        while ((message = curl_multi_info_read(multi, &left))) {
            transfer *it;
            if (message->data.result != CURLE_OK) return 1;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&it);
            curl_multi_remove_handle(multi, it->easy);
            read_answer(it, &user, wanted);
            if (next_events[it->chat] < wanted) wait_in_line(it->chat);
            if (waiting_count > 0) start(multi, it, origin, account), running++;
        }
        if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    user_report(&user, begun);
    return 0;
}
