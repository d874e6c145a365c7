/* What the contestants with libcurl share: its multi interface, with as many transfers under way as there are connections. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

typedef struct transfer {
    CURL *easy;
    char *body;
    size_t length, room;
    /* Whatever the contestant wants to know again. */
    int subject;
} transfer;

/* What a contestant asks for, and what it does with an answer. */
typedef struct asking {
    /* Writes the address of the next request; 0 where there is none. */
    int (*next)(transfer *it, char *url, size_t size);
    void (*answered)(const transfer *it);
    struct curl_slist *headers;
    /* What is posted; NULL gets. */
    const char *posted;
} asking;

static size_t take(char *data, size_t size, size_t count, void *user) {
    transfer *it = user;
    size_t bytes = size * count;
    if (it->length + bytes > it->room) {
        it->room = 2 * (it->length + bytes);
        it->body = realloc(it->body, it->room);
        if (!it->body) return 0;
    }
    memcpy(it->body + it->length, data, bytes);
    it->length += bytes;
    return bytes;
}

static int start_next(CURLM *multi, transfer *it, const asking *what) {
    char url[640];
    if (!what->next(it, url, sizeof url)) return 0;
    it->length = 0;
    curl_easy_setopt(it->easy, CURLOPT_URL, url);
    if (curl_multi_add_handle(multi, it->easy) != CURLM_OK) exit(1);
    return 1;
}

/* Asks until nothing is left to ask for. */
static void ask_all(transfer *transfers, int connections, const asking *what) {
    CURLM *multi = curl_multi_init();
    for (int i = 0; i < connections; i++) {
        transfer *it = &transfers[i];
        it->easy = curl_easy_init();
        curl_easy_setopt(it->easy, CURLOPT_HTTPHEADER, what->headers);
        if (what->posted) curl_easy_setopt(it->easy, CURLOPT_POSTFIELDS, what->posted);
        curl_easy_setopt(it->easy, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(it->easy, CURLOPT_WRITEDATA, it);
        curl_easy_setopt(it->easy, CURLOPT_PRIVATE, it);
        start_next(multi, it, what);
    }
    for (int running = 1; running > 0;) {
        int left;
        CURLMsg *message;
        if (curl_multi_perform(multi, &running) != CURLM_OK) exit(1);
        while ((message = curl_multi_info_read(multi, &left))) {
            transfer *it;
            if (message->data.result != CURLE_OK) exit(1);
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&it);
            curl_multi_remove_handle(multi, it->easy);
            what->answered(it);
            running += start_next(multi, it, what);
        }
        if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}
