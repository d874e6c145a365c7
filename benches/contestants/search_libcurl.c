/* A search with libcurl's multi interface and yyjson, eight requests in flight. */
#include <curl/curl.h>
#include <yyjson.h>

#include "searches.h"

typedef struct transfer {
    CURL *easy;
    char *body;
    size_t length, room;
} transfer;

static char url[512], filter[128];
static int next_offset;

static size_t take(char *data, size_t size, size_t count, void *user) {
    transfer *it = user;
    size_t bytes = size * count;
    if (it->length + bytes > it->room) {
        it->room = 2 * (it->length + bytes);
        it->body = realloc(it->body, it->room);
        if (!it->body) return 0;
    }
    memcpy(it->body + it->length, data, bytes);
    it->length += bytes;
    return bytes;
}

static void start(CURLM *multi, transfer *it) {
    char page[640];
    it->length = 0;
    snprintf(page, sizeof page, "%s?offset=%d&limit=%d&sort=start:asc,engagementId:asc&source=bench", url, next_offset, PAGE);
    next_offset += PAGE;
    curl_easy_setopt(it->easy, CURLOPT_URL, page);
    if (curl_multi_add_handle(multi, it->easy) != CURLM_OK) exit(1);
}

static void read_page(search_user *user, const transfer *it) {
    static const char *const texts[] = {"engagementId", "skillName", "agentNickName", "visitorId", "endReason"};
    static const char *const numbers[] = {"startTimeL", "endTimeL", "duration"};
    yyjson_doc *document = yyjson_read(it->body, it->length, 0);
    yyjson_val *records = yyjson_obj_get(yyjson_doc_get_root(document), "interactionHistoryRecords"), *record, *line;
    size_t index, count, line_index, line_count;
    if (!records) exit(1);
    yyjson_arr_foreach(records, index, count, record) {
        yyjson_val *info = yyjson_obj_get(record, "info");
        yyjson_val *lines = yyjson_obj_get(yyjson_obj_get(record, "transcript"), "lines");
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) read_field(user, yyjson_get_str(yyjson_obj_get(info, texts[i])));
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) user->seen += yyjson_is_int(yyjson_obj_get(info, numbers[i]));
        yyjson_arr_foreach(lines, line_index, line_count, line) user->bytes += (long)yyjson_get_len(yyjson_obj_get(line, "text"));
    }
    yyjson_doc_free(document);
}

int main(void) {
    static transfer transfers[CONCURRENCY];
    char origin[128], account[64];
    search_user user = {0, 0};
    member(getenv("SANDBOX_LINE"), "domain_origin", origin, sizeof origin);
    member(getenv("SANDBOX_LINE"), "account_id", account, sizeof account);
    snprintf(url, sizeof url, "%s/interaction_history/api/account/%s/interactions/search", origin, account);
    snprintf(filter, sizeof filter, "{\"start\":{\"from\":%lld,\"to\":%lld}}", START, START + RECORDS * STEP - 1);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer bearer");
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    stopwatch begun = stopwatch_read();
    for (int i = 0; i < CONCURRENCY; i++) {
        transfer *it = &transfers[i];
        it->easy = curl_easy_init();
        curl_easy_setopt(it->easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(it->easy, CURLOPT_POSTFIELDS, filter);
        curl_easy_setopt(it->easy, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(it->easy, CURLOPT_WRITEDATA, it);
        curl_easy_setopt(it->easy, CURLOPT_PRIVATE, it);
        start(multi, it);
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
            read_page(&user, it);
            if (next_offset < RECORDS) start(multi, it), running++;
        }
        if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    search_report(&user, begun);
    return 0;
}
