/* What a client costs that does nothing. */
#include <dirent.h>
#include <lpchat.h>
#include <stdlib.h>
#include <unistd.h>

#include "stopwatch.h"

enum { CLIENTS = 100 };

static void state(const char *when) {
    int tasks = 0;
    DIR *folder = opendir("/proc/self/task");
    while (folder && readdir(folder)) tasks++;
    if (folder) closedir(folder);
    printf("%s %d %ld\n", when, tasks - 2, status_kib("VmRSS"));
}

int main(void) {
    lpchat_client *clients[CLIENTS];
    lpchat_service_domain *domain = NULL;
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client_options_set_sandbox(options, getenv("SANDBOX_LINE"));
    state("started");
    state("imported");
    for (int i = 0; i < CLIENTS; i++)
        if (lpchat_client_new(options, &clients[i], NULL) != LPCHAT_OK) return 1;
    state("made 100 clients");
    if (lpchat_client_retrieve_domain(clients[0], "agentVep", NULL, &domain, NULL) != LPCHAT_OK) return 1;
    lpchat_service_domain_free(domain);
    usleep(500000);
    state("called and idle");
    for (int i = 0; i < CLIENTS; i++) lpchat_client_free(clients[i]);
    lpchat_client_options_free(options);
    return 0;
}
