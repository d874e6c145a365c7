/* A search with libcurl's multi interface and yyjson, eight requests in flight. */
#include <yyjson.h>

#include "libcurl.h"
#include "searches.h"

static char address[512], filter[128];
static int next_offset;
static search_user user;

static int next_page(transfer *it, char *url, size_t size) {
    if (next_offset >= RECORDS) return 0;
    it->subject = next_offset;
    next_offset += PAGE;
    snprintf(url, size, "%s?offset=%d&limit=%d&sort=start:asc,engagementId:asc&source=bench", address, it->subject, PAGE);
    return 1;
}

static void read_page(const transfer *it) {
    static const char *const texts[] = {"engagementId", "skillName", "agentNickName", "visitorId", "endReason"};
    static const char *const numbers[] = {"startTimeL", "endTimeL", "duration"};
    yyjson_doc *document = yyjson_read(it->body, it->length, 0);
    yyjson_val *records = yyjson_obj_get(yyjson_doc_get_root(document), "interactionHistoryRecords"), *record, *line;
    size_t index, count, line_index, line_count;
    if (!records) exit(1);
    yyjson_arr_foreach(records, index, count, record) {
        yyjson_val *info = yyjson_obj_get(record, "info");
        yyjson_val *lines = yyjson_obj_get(yyjson_obj_get(record, "transcript"), "lines");
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) read_field(&user, yyjson_get_str(yyjson_obj_get(info, texts[i])));
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) user.seen += yyjson_is_int(yyjson_obj_get(info, numbers[i]));
        yyjson_arr_foreach(lines, line_index, line_count, line) user.bytes += (long)yyjson_get_len(yyjson_obj_get(line, "text"));
    }
    yyjson_doc_free(document);
}

int main(void) {
    static transfer transfers[CONCURRENCY];
    char origin[128], account[64];
    member(getenv("SANDBOX_LINE"), "domain_origin", origin, sizeof origin);
    member(getenv("SANDBOX_LINE"), "account_id", account, sizeof account);
    snprintf(address, sizeof address, "%s/interaction_history/api/account/%s/interactions/search", origin, account);
    snprintf(filter, sizeof filter, "{\"start\":{\"from\":%lld,\"to\":%lld}}", START, START + RECORDS * STEP - 1);
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer bearer");
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    asking pages = {next_page, read_page, headers, filter};
    stopwatch begun = stopwatch_read();
    ask_all(transfers, CONCURRENCY, &pages);
    search_report(&user, begun);
    return 0;
}
