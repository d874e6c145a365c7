/* Decoding alone, with yyjson. */
#define _GNU_SOURCE
#include "pages.h"
#include "records_yyjson.h"

int main(int count, char **arguments) {
    if (count != 2) return 2;
    pages pages = pages_of(arguments[1], PAGE);
    search_user user = {0, 0};
    stopwatch begun = stopwatch_read();
    for (int round = 0; round < ROUNDS; round++)
        for (int page = 0; page < pages.count; page++) read_document(&user, pages.texts[page], strlen(pages.texts[page]));
    decode_report(&user, begun, ROUNDS * pages.count);
    return 0;
}
