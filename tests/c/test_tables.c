/* Tables of engagement history as Arrow streams, read in plain C. */
#include "harness.h"

static lpchat_client *client;
static lpchat_error *error;

/* The index of a column; fails the test where there is none. */
static int64_t column(const struct ArrowSchema *schema, const char *name)
{
    int64_t index;
    for (index = 0; index < schema->n_children; index++)
        if (strcmp(schema->children[index]->name, name) == 0) return index;
    fail_at(__FILE__, __LINE__, "there is no column %s", name);
    return 0;
}

static int is_null(const struct ArrowArray *array, int64_t row)
{
    const uint8_t *validity = array->buffers[0];
    int64_t at = array->offset + row;
    return validity != NULL && ((validity[at / 8] >> (at % 8)) & 1) == 0;
}

/* Whether a row of a text column is this text; NULL stands for null. */
static int text_is(const struct ArrowArray *array, int64_t row, const char *expected)
{
    const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset;
    const char *data = array->buffers[2];
    size_t size = (size_t)(offsets[row + 1] - offsets[row]);
    if (expected == NULL || is_null(array, row)) return expected == NULL && is_null(array, row);
    return size == strlen(expected) && memcmp(data + offsets[row], expected, size) == 0;
}

static int64_t number(const struct ArrowArray *array, int64_t row) { return ((const int64_t *)array->buffers[1])[array->offset + row]; }

static lpchat_search *begin_search(void)
{
    lpchat_search_query *query = lpchat_search_query_new();
    lpchat_search *search = NULL;
    lpchat_search_query_set_start(query, sandbox_now() - INT64_C(27) * 24 * 3600 * 1000);
    lpchat_search_query_set_end(query, sandbox_now());
    lpchat_search_query_set_page_size(query, 10);
    CHECK_OK(lpchat_history_search(client, query, &search, &error));
    lpchat_search_query_free(query);
    return search;
}

/* Compares the batch of a page with what the getters of its records give. */
static void compare(const lpchat_search_page *page, const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
    const struct ArrowArray *ids = batch->children[column(schema, "engagement_id")];
    const struct ArrowArray *starts = batch->children[column(schema, "start_time")];
    const struct ArrowArray *lines = batch->children[column(schema, "line_count")];
    const struct ArrowArray *names = batch->children[column(schema, "visitor_name")];
    int64_t row;
    CHECK_INT(batch->length, lpchat_search_page_records_count(page));
    for (row = 0; row < batch->length; row++) {
        const lpchat_engagement *record = lpchat_search_page_records_at(page, (size_t)row);
        const lpchat_engagement_info *info = lpchat_engagement_get_info(record);
        const char *name = lpchat_engagement_info_visitor_name(info);
        CHECK(text_is(ids, row, lpchat_engagement_engagement_id(record)));
        CHECK(text_is(names, row, name != NULL && *name != '\0' ? name : NULL));
        CHECK_INT(number(starts, row), lpchat_engagement_start_time(record));
        CHECK_INT(number(lines, row), lpchat_transcript_lines_count(lpchat_engagement_transcript(record)));
    }
}

static void a_page_is_a_table(void)
{
    lpchat_search *search = begin_search();
    lpchat_search_page *page = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batch, end;
    if (!CHECK_OK(lpchat_search_next_page(search, NULL, &page, &error))) return;
    CHECK_OK(lpchat_search_page_table(page, LPCHAT_TABLE_ENGAGEMENTS, 0, &stream, &error));
    CHECK_INT(stream.get_schema(&stream, &schema), 0);
    CHECK_TEXT(schema.format, "+s");
    CHECK_TEXT(schema.children[column(&schema, "start_time")]->format, "tsm:UTC");
    CHECK_TEXT(schema.children[column(&schema, "engagement_id")]->format, "u");
    CHECK_INT(stream.get_next(&stream, &batch), 0);
    compare(page, &schema, &batch);
    CHECK_INT(stream.get_next(&stream, &end), 0);
    CHECK(end.release == NULL);
    /* What was read outlives the stream. */
    stream.release(&stream);
    CHECK(stream.release == NULL);
    CHECK(number(batch.children[column(&schema, "start_time")], 0) > 0);
    batch.release(&batch);
    schema.release(&schema);
    lpchat_search_page_free(page);
    lpchat_search_free(search);
}

/* How many lines the pages of a search have. */
static int64_t lines_of_pages(void)
{
    lpchat_search *search = begin_search();
    lpchat_search_page *page = NULL;
    int64_t lines = 0;
    size_t index;
    while (lpchat_search_next_page(search, NULL, &page, NULL) == LPCHAT_OK) {
        for (index = 0; index < lpchat_search_page_records_count(page); index++) {
            const lpchat_engagement *record = lpchat_search_page_records_at(page, index);
            lines += (int64_t)lpchat_transcript_lines_count(lpchat_engagement_transcript(record));
        }
        lpchat_search_page_free(page);
    }
    lpchat_search_free(search);
    return lines;
}

static void a_search_is_a_stream_of_batches(void)
{
    lpchat_search *search = begin_search();
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    int64_t lines = 0;
    int batches = 0;
    CHECK_OK(lpchat_search_table(search, "lines", 0, NULL, &stream, &error));
    /* The stream holds what it needs. */
    lpchat_search_free(search);
    while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
        lines += batch.length;
        batches++;
        batch.release(&batch);
    }
    CHECK(stream.get_last_error(&stream) == NULL);
    stream.release(&stream);
    CHECK(batches > 2);
    CHECK_INT(lines, lines_of_pages());
}

static void what_fails_is_said(void)
{
    lpchat_search *search = begin_search();
    lpchat_call *call = NULL;
    lpchat_call_options *options = lpchat_call_options_new();
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    CHECK_FAILS(lpchat_search_table(search, "line", 0, NULL, &stream, &error), LPCHAT_INVALID_ARGUMENT, "there are engagements, lines");
    CHECK_FAILS(lpchat_search_table(search, "lines", 7, NULL, &stream, &error), LPCHAT_INVALID_ARGUMENT, "keep_placeholders");
    CHECK_OK(lpchat_call_new(&call, &error));
    CHECK_OK(lpchat_call_options_set_call(options, call));
    CHECK_OK(lpchat_search_table(search, "lines", 1, options, &stream, &error));
    /* The options were copied; who holds the call can still cancel. */
    lpchat_call_options_free(options);
    lpchat_call_cancel(call);
    CHECK(stream.get_next(&stream, &batch) != 0);
    CHECK_HOLDS(stream.get_last_error(&stream), "cancelled");
    stream.release(&stream);
    lpchat_call_free(call);
    lpchat_search_free(search);
}

static void nothing_happens_to_what_is_not_read(void)
{
    lpchat_search *search = begin_search();
    struct ArrowArrayStream stream;
    CHECK_OK(lpchat_search_table(search, LPCHAT_TABLE_SURVEYS, 0, NULL, &stream, &error));
    stream.release(&stream);
    lpchat_search_free(search);
}

int main(void)
{
    client = sandbox_client();
    RUN(a_page_is_a_table);
    RUN(a_search_is_a_stream_of_batches);
    RUN(what_fails_is_said);
    RUN(nothing_happens_to_what_is_not_read);
    lpchat_client_free(client);
    return finish_tests();
}
