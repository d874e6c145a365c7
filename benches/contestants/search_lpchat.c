/* A search with lpchat for C. */
#include <lpchat.h>

#include "searches.h"

static void read_record(search_user *user, const lpchat_engagement *record) {
    const lpchat_engagement_info *info = lpchat_engagement_get_info(record);
    const lpchat_transcript *transcript = lpchat_engagement_transcript(record);
    read_field(user, lpchat_engagement_info_engagement_id(info));
    read_field(user, lpchat_engagement_info_skill_name(info));
    read_field(user, lpchat_engagement_info_agent_nickname(info));
    read_field(user, lpchat_engagement_info_visitor_id(info));
    read_field(user, lpchat_engagement_info_end_reason_text(info));
    user->seen += (lpchat_engagement_info_start_time(info) != LPCHAT_ABSENT) + (lpchat_engagement_info_end_time(info) != LPCHAT_ABSENT) +
                  (lpchat_engagement_info_duration_seconds(info) != LPCHAT_ABSENT);
    for (size_t index = 0; index < lpchat_transcript_lines_count(transcript); index++) {
        const lpchat_transcript_line *line = lpchat_transcript_lines_at(transcript, index);
        if (lpchat_transcript_line_text(line)) user->bytes += (long)lpchat_transcript_line_text_len(line);
    }
}

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
        for (size_t index = 0; index < lpchat_search_page_records_count(page); index++)
            read_record(&user, lpchat_search_page_records_at(page, index));
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
