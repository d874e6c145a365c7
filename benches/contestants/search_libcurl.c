/* A search with libcurl's multi interface and yyjson, eight requests in flight. */
#include "libcurl.h"
#include "records_yyjson.h"

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
    read_document(&user, it->body, it->length);
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
