/* Polling many chats with libcurl's multi interface and yyjson: `chat_libcurl saturated CHATS EVENTS`. Each of the connections takes the
 * chat that has waited longest; the cursor is kept, events are read in order. */
#include <yyjson.h>

#include "chats.h"
#include "libcurl.h"

enum { CONNECTIONS = 48 };

static char origin[128], account[64];
static long *next_events, wanted;
static int *waiting, first_waiting, waiting_count, chats;
static chat_user user;

static void wait_in_line(int chat) {
    waiting[(first_waiting + waiting_count++) % chats] = chat;
}

static int next_chat(transfer *it, char *url, size_t size) {
    if (waiting_count == 0) return 0;
    it->subject = waiting[first_waiting];
    first_waiting = (first_waiting + 1) % chats;
    waiting_count--;
    snprintf(url, size, "%s/api/account/%s/chat/H%dK%d.json?v=1&NC=true&from=%ld", origin, account, it->subject, it->subject,
             next_events[it->subject]);
    return 1;
}

static int by_id(const void *one, const void *other) {
    const char *ids[2] = {yyjson_get_str(yyjson_obj_get(*(yyjson_val *const *)one, "@id")),
                          yyjson_get_str(yyjson_obj_get(*(yyjson_val *const *)other, "@id"))};
    return (atol(ids[0]) > atol(ids[1])) - (atol(ids[0]) < atol(ids[1]));
}

/* Hands the events of an answer to the user. */
static void read_answer(const transfer *it) {
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
        if (atol(id) < next_events[it->subject] || next_events[it->subject] >= wanted) continue;
        user_read(&user, next_events[it->subject]++, id, yyjson_get_str(text));
    }
    yyjson_doc_free(document);
    if (next_events[it->subject] < wanted) wait_in_line(it->subject);
}

int main(int count, char **words) {
    if (count < 4) return 2;
    static transfer transfers[CONNECTIONS];
    wanted = atol(words[3]);
    chats = atoi(words[2]);
    member(getenv("SANDBOX_LINE"), "domain_origin", origin, sizeof origin);
    member(getenv("SANDBOX_LINE"), "account_id", account, sizeof account);
    next_events = calloc((size_t)chats, sizeof *next_events);
    waiting = calloc((size_t)chats, sizeof *waiting);
    for (int chat = 0; chat < chats; chat++) wait_in_line(chat);
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: LivePerson appKey=key");
    headers = curl_slist_append(headers, "Accept: application/json");
    asking events = {next_chat, read_answer, headers, NULL};
    stopwatch begun = stopwatch_read();
    ask_all(transfers, CONNECTIONS, &events);
    user_report(&user, begun);
    return 0;
}
