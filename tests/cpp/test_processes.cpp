// Exits with calls in flight, where C++ destroys its objects on the way.
#include <lpchat.hpp>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "harness.h"

namespace {

void exit_with_calls_in_flight(tiny_server* server, int round) {
    // Destroyed by exit, while calls of its chats are in flight.
    static const lpchat::client client(tiny_client(server));
    for (int index = 0; index < 3; index++)
        std::thread([chat = client.visitor().chat("K1")] { static_cast<void>(chat.try_retrieve_information()); }).detach();
    // Some exits come before the requests have left, some after.
    sleep_ms(round % 8);
    std::exit(7);
}

void two_hundred_exits_with_calls_in_flight() { check_exits(200, exit_with_calls_in_flight, 7); }

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    RUN(two_hundred_exits_with_calls_in_flight);
    return finish_tests();
}
