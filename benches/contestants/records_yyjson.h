/* What is read of a page with yyjson. */
#include <yyjson.h>

#include "searches.h"

static inline void read_document(search_user *user, const char *body, size_t length) {
    static const char *const texts[] = {"engagementId", "skillName", "agentNickName", "visitorId", "endReason"};
    static const char *const numbers[] = {"startTimeL", "endTimeL", "duration"};
    yyjson_doc *document = yyjson_read(body, length, 0);
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
