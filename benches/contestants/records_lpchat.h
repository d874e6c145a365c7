/* What is read of a page with lpchat. */
#include <lpchat.h>

#include "searches.h"

static inline void read_record(search_user *user, const lpchat_engagement *record) {
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

static inline void read_page(search_user *user, const lpchat_search_page *page) {
    for (size_t index = 0; index < lpchat_search_page_records_count(page); index++)
        read_record(user, lpchat_search_page_records_at(page, index));
}
