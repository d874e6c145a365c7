/* One look-up after the other with lpchat for C. */
#include <lpchat.h>
#include <stdlib.h>

#include "stopwatch.h"

int main(void) {
    lpchat_client_options *options = lpchat_client_options_new();
    lpchat_client *client = NULL;
    lpchat_service_domain *domain = NULL;
    stopwatch begun = stopwatch_read();
    lpchat_client_options_set_sandbox(options, getenv("SANDBOX_LINE"));
    if (lpchat_client_new(options, &client, NULL) != LPCHAT_OK) return 1;
    for (int i = -1; i < CALLS; i++) {
        if (i == 0) begun = stopwatch_read();
        lpchat_service_domain_free(domain);
        if (lpchat_client_retrieve_domain(client, "agentVep", NULL, &domain, NULL) != LPCHAT_OK) return 1;
    }
    stopwatch_report(begun, CALLS, lpchat_service_domain_service(domain));
    lpchat_service_domain_free(domain);
    lpchat_client_options_free(options);
    lpchat_client_free(client);
    return 0;
}
