/* Pages that lie in memory, made of the records of a file, one a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every page is decoded so often. */
enum { ROUNDS = 10 };

typedef struct pages {
    char **texts;
    int count;
} pages;

static inline pages pages_of(const char *path, int records_a_page) {
    static const char head[] = "{\"_metadata\":{\"count\":100},\"interactionHistoryRecords\":[", tail[] = "]}";
    pages found = {NULL, 0};
    char *line = NULL;
    size_t room = 0, length = 0;
    ssize_t got;
    FILE *file = fopen(path, "r");
    if (!file) exit(1);
    for (int records = 0; (got = getline(&line, &room, file)) > 0; records++) {
        size_t record = (size_t)got - (line[got - 1] == '\n');
        if (records % records_a_page == 0) {
            found.texts = realloc(found.texts, sizeof *found.texts * (size_t)(found.count + 1));
            found.texts[found.count++] = NULL;
            length = 0;
        }
        char **text = &found.texts[found.count - 1];
        *text = realloc(*text, length + sizeof head + record + sizeof tail);
        if (!*text) exit(1);
        length = length == 0 ? (size_t)sprintf(*text, "%s", head) : (size_t)((strcpy(*text + length - 2, ","), length - 1));
        memcpy(*text + length, line, record);
        strcpy(*text + length + record, tail);
        length += record + sizeof tail - 1;
    }
    free(line);
    fclose(file);
    return found;
}
