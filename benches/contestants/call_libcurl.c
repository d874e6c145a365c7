/* One look-up after the other with libcurl. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "stopwatch.h"

struct body {
    char text[4096];
    size_t length;
};

static size_t take(char *data, size_t size, size_t count, void *user) {
    struct body *body = user;
    size_t bytes = size * count;
    if (body->length + bytes >= sizeof body->text) return 0;
    memcpy(body->text + body->length, data, bytes);
    body->length += bytes;
    body->text[body->length] = '\0';
    return bytes;
}

int main(void) {
    const char *line = getenv("SANDBOX_LINE");
    stopwatch begun = stopwatch_read();
    char origin[128], account[64], url[512], service[64];
    member(line, "domain_origin", origin, sizeof origin);
    member(line, "account_id", account, sizeof account);
    snprintf(url, sizeof url, "%s/api/account/%s/service/agentVep/baseURI.json?version=1.0", origin, account);
    CURL *curl = curl_easy_init();
    struct body body = {{0}, 0};
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    for (int i = -1; i < CALLS; i++) {
        if (i == 0) begun = stopwatch_read();
        body.length = 0;
        if (curl_easy_perform(curl) != CURLE_OK) return 1;
        member(body.text, "service", service, sizeof service);
    }
    stopwatch_report(begun, CALLS, service);
    curl_easy_cleanup(curl);
    return 0;
}
