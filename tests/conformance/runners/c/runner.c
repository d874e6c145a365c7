/* What every command has in common; the operations are in generated.c. */
#include "runner.h"

#include <stdio.h>

/* --- the command -------------------------------------------------------------------------------------------------- */

struct path join(const char *path, const char *name)
{
    struct path joined;
    /* The options of a call stand behind a question mark. */
    const char *dot = *path == '\0' || strcmp(path, "?") == 0 ? "" : ".";
    snprintf(joined.text, sizeof joined.text, "%s%s%s", path, dot, name);
    return joined;
}

struct path at(const char *path, size_t index)
{
    char number[24];
    snprintf(number, sizeof number, "%lu", (unsigned long)index);
    return join(path, number);
}

const char *value_at(const struct command *command, const char *path)
{
    size_t index;
    for (index = 0; index < command->count; index++)
        if (strcmp(command->fields[index].key, path) == 0) return command->fields[index].value;
    return NULL;
}

int is_below(const struct command *command, const char *path)
{
    size_t index, size = strlen(path);
    for (index = 0; index < command->count; index++)
        if (strncmp(command->fields[index].key, path, size) == 0 && command->fields[index].key[size] == '.') return 1;
    return 0;
}

int64_t whole(const char *text)
{
    return (int64_t)strtoll(text, NULL, 10);
}

static void unescape(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++, to++) {
        *to = *text;
        if (*text != '\\' || text[1] == '\0') continue;
        text++;
        *to = *text == 't' ? '\t' : *text == 'n' ? '\n' : *text;
    }
    *to = '\0';
}

static void parse_field(struct command *command, char *field)
{
    char *value = strchr(field, '=');
    if (value == NULL) return;
    *value++ = '\0';
    if (strcmp(field, "@") == 0) command->target = value;
    else if (strcmp(field, ">") == 0) command->keep = value;
    else if (command->count < sizeof command->fields / sizeof *command->fields) {
        command->fields[command->count].key = field;
        /* The letter of the type is not needed: the interface knows it. */
        command->fields[command->count++].value = value + 2;
    }
}

static void parse(struct command *command, char *line)
{
    char *next = strchr(line, '\t');
    memset(command, 0, sizeof *command);
    command->operation = line;
    while (next != NULL) {
        char *field = next + 1;
        *next = '\0';
        next = strchr(field, '\t');
        if (next != NULL) *next = '\0';
        unescape(field);
        parse_field(command, field);
    }
    unescape(line);
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

/* Whether a comma is due before the next value. */
static int comma;

static void separate(void)
{
    if (comma) putchar(',');
    comma = 1;
}

static void write_raw(const char *text)
{
    separate();
    fputs(text, stdout);
}

void write_null(void)
{
    write_raw("null");
}

void write_text(const char *text, size_t size)
{
    size_t index;
    if (text == NULL) {
        write_null();
        return;
    }
    separate();
    putchar('"');
    for (index = 0; index < size; index++) {
        unsigned char byte = (unsigned char)text[index];
        if (byte == '"' || byte == '\\') printf("\\%c", byte);
        else if (byte < 0x20) printf("\\u%04x", byte);
        else putchar(byte);
    }
    putchar('"');
}

void write_json(const char *json)
{
    separate();
    /* Outside of texts, where no line ends, one blank is as good as another. */
    for (json = json == NULL ? "null" : json; *json != '\0'; json++) putchar(*json == '\n' || *json == '\r' ? ' ' : *json);
}

void write_whole(int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    if (value == LPCHAT_ABSENT) write_null();
    else write_raw(text);
}

void write_whole_32(int32_t value)
{
    write_whole(value == LPCHAT_ABSENT_INT32 ? LPCHAT_ABSENT : value);
}

void write_double(double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    if (isnan(value)) write_null();
    else write_raw(text);
}

void write_truth(int32_t value)
{
    write_raw(value < 0 ? "null" : value ? "true" : "false");
}

static void begin(char bracket)
{
    separate();
    putchar(bracket);
    comma = 0;
}

static void end(char bracket)
{
    putchar(bracket);
    comma = 1;
}

void begin_object(void) { begin('{'); }
void end_object(void) { end('}'); }
void begin_list(void) { begin('['); }
void end_list(void) { end(']'); }

void member(const char *name)
{
    write_text(name, strlen(name));
    putchar(':');
    comma = 0;
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

static struct {
    char *name;
    void *object;
    int32_t (*release)(void *object);
} objects[64];
static size_t object_count;

const void *target_of(const struct command *command)
{
    size_t index = object_count;
    while (index-- > 0)
        if (strcmp(objects[index].name, command->target) == 0) return objects[index].object;
    return NULL;
}

void give_object(const struct command *command, const char *kind, void *object, int32_t (*release)(void *object))
{
    size_t size;
    if (object == NULL) {
        write_null();
        return;
    }
    if (command->keep == NULL || object_count == sizeof objects / sizeof *objects) {
        release(object);
        write_null();
        return;
    }
    size = strlen(command->keep) + 1;
    objects[object_count].name = malloc(size);
    memcpy(objects[object_count].name, command->keep, size);
    objects[object_count].object = object;
    objects[object_count++].release = release;
    begin_object();
    member("object");
    write_text(kind, strlen(kind));
    end_object();
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static void write_error(const lpchat_error *error, int32_t code)
{
    const char *family = lpchat_family_name(lpchat_code_family(code));
    member("error");
    begin_object();
    member("family");
    write_text(family, strlen(family));
    if (error == NULL) {
        /* That nothing came is a code alone. */
        const char *name = lpchat_code_name(code);
        member("name");
        write_text(name, strlen(name));
        member("code");
        write_whole_32(code);
        member("retryable");
        write_truth(lpchat_code_retryable(code));
    } else {
        write_error_details(error);
    }
    end_object();
}

static void answer(char *line)
{
    static struct command command;
    const struct operation *operation = operations;
    lpchat_error *error = NULL;
    int32_t code;
    parse(&command, line);
    while (operation->name != NULL && strcmp(operation->name, command.operation) != 0) operation++;
    if (operation->name == NULL) {
        fprintf(stderr, "c-runner: there is no %s\n", command.operation);
        exit(1);
    }
    comma = 0;
    begin_object();
    code = operation->call(&command, &error);
    if (code != LPCHAT_OK) write_error(error, code);
    end_object();
    lpchat_error_free(error);
}

static void write_log(void *user_data, int32_t level, const char *message, size_t message_len)
{
    (void)user_data;
    (void)level;
    (void)message_len;
    fprintf(stderr, "log %s\n", message);
}

int main(void)
{
    static char line[1 << 20];
    lpchat_set_log(write_log, LPCHAT_LOG_DEBUG, NULL);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        answer(line);
        putchar('\n');
        fflush(stdout);
    }
    while (object_count-- > 0) {
        objects[object_count].release(objects[object_count].object);
        free(objects[object_count].name);
    }
    return 0;
}
