/* Decoding alone, with lpchat for C. */
#define _GNU_SOURCE
#include "pages.h"
#include "records_lpchat.h"

int main(int count, char **arguments) {
    if (count != 2) return 2;
    pages pages = pages_of(arguments[1], PAGE);
    search_user user = {0, 0};
    lpchat_client *client = NULL;
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client_options_set_account_id(options, "70481526");
    if (lpchat_client_new(options, &client, NULL) != LPCHAT_OK) return 1;
    stopwatch begun = stopwatch_read();
    for (int round = 0; round < ROUNDS; round++)
        for (int index = 0; index < pages.count; index++) {
            lpchat_search_page *page = NULL;
            if (lpchat_history_decode_page_by_json(client, pages.texts[index], &page, NULL) != LPCHAT_OK) return 1;
            read_page(&user, page);
            lpchat_search_page_free(page);
        }
    decode_report(&user, begun, ROUNDS * pages.count);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    return 0;
}
