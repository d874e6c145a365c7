/* Servers of a few lines, each connection on a thread of its own. */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct tiny_server {
    enum tiny_mode mode;
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    char *answer;
    size_t answer_size;
    int requests;
    int disconnects;
    int connections;
};

struct connection {
    struct tiny_server *server;
    int socket;
};

static int send_all(int connection, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return 0;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 1;
}

/* Reads one request; 0 where there is none. The head is left in `head`. */
static int read_request(int connection, char *head, size_t room)
{
    size_t size = 0, body = 0;
    char *end = NULL, *length;
    while (end == NULL && size + 1 < room) {
        ssize_t got = recv(connection, head + size, room - 1 - size, 0);
        if (got <= 0) return 0;
        size += (size_t)got;
        head[size] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    if (end == NULL) return 0;
    length = strstr(head, "ontent-length:");
    if (length == NULL) length = strstr(head, "ontent-Length:");
    if (length != NULL) body = (size_t)atol(length + strlen("ontent-length:"));
    size -= (size_t)(end + 4 - head);
    while (size < body) {
        char rest[4096];
        ssize_t got = recv(connection, rest, sizeof rest, 0);
        if (got <= 0) return 0;
        size += (size_t)got;
    }
    return 1;
}

static void answer_look_up(struct tiny_server *server, int connection)
{
    static const char *const services[] = {"conversationVep", "agentVep", "engHistDomain", "sentinel"};
    char body[1024] = "{\"baseURIs\":[", text[1536];
    size_t index;
    for (index = 0; index < sizeof services / sizeof *services; index++) {
        size_t size = strlen(body);
        snprintf(body + size, sizeof body - size, "%s{\"service\":\"%s\",\"account\":\"1\",\"baseURI\":\"127.0.0.1:%u\"}", index ? "," : "",
                 services[index], server->port);
    }
    strcat(body, "]}");
    snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %lu\r\n\r\n%s",
             (unsigned long)strlen(body), body);
    send_all(connection, text, strlen(text));
}

static void misbehave(struct tiny_server *server, int connection)
{
    struct linger reset = {1, 0};
    char byte;
    switch (server->mode) {
    case TINY_SAYS:
        send_all(connection, server->answer, server->answer_size);
        return;
    case TINY_BREAKS:
        send_all(connection, server->answer, server->answer_size / 2);
        return;
    case TINY_RESETS:
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        return;
    case TINY_HANGS:
        break;
    }
    while (recv(connection, &byte, 1, 0) > 0) {}
    pthread_mutex_lock(&server->lock);
    server->disconnects++;
    pthread_mutex_unlock(&server->lock);
}

static void *serve(void *argument)
{
    struct connection *own = argument;
    struct tiny_server *server = own->server;
    int on = 1, connection = own->socket;
    char head[16384];
    free(own);
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* One request a connection, so that a server can be freed without waiting for anybody's pool. */
    if (read_request(connection, head, sizeof head)) {
        if (strstr(head, "/service/") != NULL) {
            answer_look_up(server, connection);
        } else {
            pthread_mutex_lock(&server->lock);
            server->requests++;
            pthread_mutex_unlock(&server->lock);
            misbehave(server, connection);
        }
    }
    close(connection);
    pthread_mutex_lock(&server->lock);
    server->connections--;
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void *listen_on(void *argument)
{
    struct tiny_server *server = argument;
    for (;;) {
        int connection = accept(server->listener, NULL, NULL);
        struct connection *own;
        pthread_t thread;
        if (connection < 0) return NULL;
        own = malloc(sizeof *own);
        own->server = server;
        own->socket = connection;
        pthread_mutex_lock(&server->lock);
        server->connections++;
        pthread_mutex_unlock(&server->lock);
        pthread_create(&thread, NULL, serve, own);
        pthread_detach(thread);
    }
}

struct tiny_server *tiny_server_new(enum tiny_mode mode)
{
    struct tiny_server *server = calloc(1, sizeof *server);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->mode = mode;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(server->listener, 64) != 0) abort();
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    tiny_server_say(server, "200 OK", "", "{}", 2);
    pthread_create(&server->thread, NULL, listen_on, server);
    return server;
}

void tiny_server_say(struct tiny_server *server, const char *status, const char *headers, const char *body, size_t body_size)
{
    char head[1024];
    int head_size = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %lu\r\n%s\r\n", status,
                             (unsigned long)body_size, headers);
    char *answer = malloc((size_t)head_size + body_size);
    memcpy(answer, head, (size_t)head_size);
    memcpy(answer + head_size, body, body_size);
    free(server->answer);
    server->answer = answer;
    server->answer_size = (size_t)head_size + body_size;
}

int tiny_server_requests(struct tiny_server *server)
{
    int requests;
    pthread_mutex_lock(&server->lock);
    requests = server->requests;
    pthread_mutex_unlock(&server->lock);
    return requests;
}

static int wait_for(struct tiny_server *server, const int *counter, int count, int milliseconds)
{
    int64_t end = now_ms() + milliseconds;
    int there = 0;
    while (!there && now_ms() < end) {
        pthread_mutex_lock(&server->lock);
        there = *counter >= count;
        pthread_mutex_unlock(&server->lock);
        if (!there) sleep_ms(2);
    }
    return there;
}

int tiny_server_wait_requests(struct tiny_server *server, int count, int milliseconds)
{
    return wait_for(server, &server->requests, count, milliseconds);
}

int tiny_server_wait_disconnects(struct tiny_server *server, int count, int milliseconds)
{
    return wait_for(server, &server->disconnects, count, milliseconds);
}

lpchat_client *tiny_client(struct tiny_server *server)
{
    return tiny_client_timeout(server, 20000);
}

lpchat_client_options *tiny_options(struct tiny_server *server)
{
    char config[512];
    lpchat_client_options *options = lpchat_client_options_new();
    snprintf(config, sizeof config,
             "{\"kind\":\"lpchat-sandbox\",\"account_id\":\"1\",\"origins\":[\"http://127.0.0.1:%u\"],\"domain_origin\":\"http://127.0.0.1:%u\","
             "\"app_key\":\"facade\"}",
             server->port, server->port);
    lpchat_client_options_set_sandbox(options, config);
    lpchat_client_options_add_server_error_pause_ms(options, 5);
    return options;
}

lpchat_client *tiny_client_timeout(struct tiny_server *server, int64_t timeout_ms)
{
    lpchat_client_options *options = tiny_options(server);
    lpchat_client *client = NULL;
    lpchat_error *error = NULL;
    lpchat_client_options_set_bearer(options, "tiny-bearer");
    lpchat_client_options_set_timeout_ms(options, timeout_ms);
    CHECK_OK(lpchat_client_new(options, &client, &error));
    lpchat_client_options_free(options);
    return client;
}

void tiny_server_free(struct tiny_server *server)
{
    int64_t end = now_ms() + 5000;
    int left = 1;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    /* The connections end with their clients, which were freed before. */
    while (left && now_ms() < end) {
        pthread_mutex_lock(&server->lock);
        left = server->connections;
        pthread_mutex_unlock(&server->lock);
        if (left) sleep_ms(2);
    }
    if (left) return;
    free(server->answer);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
