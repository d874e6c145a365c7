/* A search with lpchat for C. */
#include "records_lpchat.h"

int main(void) {
    int32_t code;
    int64_t count = 0;
    search_user user = {0, 0};
    lpchat_client *client = NULL;
    lpchat_search *search = NULL;
    lpchat_search_page *page = NULL;
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_search_query *query = lpchat_search_query_new();
    lpchat_client_options_set_sandbox(options, getenv("SANDBOX_LINE"));
    if (lpchat_client_new(options, &client, NULL) != LPCHAT_OK) return 1;
    lpchat_search_query_set_start(query, START);
    lpchat_search_query_set_end(query, START + STEP);
    if (lpchat_history_count(client, query, NULL, &count, NULL) != LPCHAT_OK) return 1;
    lpchat_search_query_set_end(query, START + RECORDS * STEP);
    lpchat_search_query_set_page_size(query, PAGE);
    stopwatch begun = stopwatch_read();
    if (lpchat_history_search(client, query, &search, NULL) != LPCHAT_OK) return 1;
    while ((code = lpchat_search_next_page(search, NULL, &page, NULL)) == LPCHAT_OK) {
        read_page(&user, page);
        lpchat_search_page_free(page);
    }
    if (code != LPCHAT_END) return 1;
    search_report(&user, begun);
    lpchat_search_free(search);
    lpchat_search_query_free(query);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    return 0;
}
