// The twin of examples/c-legacy in C++17.
//
// A visitor asks for a chat; an agent logs in, accepts it, and reads its resources, events and information; both write a
// line; the chat ends. Then the last month's engagements are searched and one transcript is printed.
//
// Usage: modern 'CONFIGURATION LINE OF lpchat-sandbox', or the line in LPCHAT_SANDBOX_CONFIG. Without either the client
// talks to the real service, with what LPCHAT_ACCOUNT_ID and its like say.
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <thread>

#include <lpchat.hpp>

using namespace std::chrono_literals;

namespace {

/// A skill of the sandbox that no scripted agent serves: the chat rings for the agent below. With an account of your own, a
/// skill that your agent has.
constexpr const char* skill = "Human";

std::string_view or_dash(std::optional<std::string_view> text) { return text.value_or("-"); }

/// The service wants to be asked no more often than every two seconds; a sandbox does not mind.
lpchat::agent_chat wait_for_a_ring(const lpchat::agent_session& session, std::chrono::milliseconds pause) {
    for (int round = 0; round < 100; round++) {
        if (session.retrieve_incoming_requests().ringing_count() > 0) {
            if (auto chat = session.accept_chat()) return std::move(*chat);
        }
        std::this_thread::sleep_for(pause);
    }
    throw std::runtime_error("nothing rings");
}

void print(const lpchat::list<lpchat::chat_event>& events) {
    for (const auto& event : events) {
        std::cout << "event " << std::setw(3) << event.id() << "  " << event.time() << "  " << std::left << std::setw(10)
                  << event.type_text() << std::right;
        switch (event.type()) {
        case lpchat::chat_event_type::line:
            std::cout << or_dash(event.source_text()) << ": " << or_dash(event.text());
            break;
        case lpchat::chat_event_type::state:
            std::cout << or_dash(event.state_text());
            break;
        default:
            break;
        }
        std::cout << '\n';
    }
}

void print(const lpchat::agent_chat& chat) {
    const auto resources = chat.retrieve_resources();
    // Their addresses hold the chat's id, which is a credential, and so stay out of the output.
    std::cout << "resources ";
    for (const auto& link : resources.links()) std::cout << ' ' << or_dash(link.relation());
    std::cout << '\n';
    print(resources.events().events());
    const auto information = resources.information();
    std::cout << "chat       state " << or_dash(information.state_text()) << ", agent " << or_dash(information.agent_name())
              << ", visitor " << or_dash(information.visitor_name()) << '\n'
              << "chat       requested " << information.start_time() << ", session " << or_dash(information.rt_session_id()) << '\n';
}

void exchange_lines(const lpchat::visitor_chat& visitor, const lpchat::agent_chat& agent) {
    const auto from = agent.retrieve_events().next_id();
    visitor.add_line("Where is my parcel?");
    lpchat::line_request line;
    line.text = "It is on its way.";
    agent.add_line(line);
    print(visitor.retrieve_events(from).events());
    agent.end();
    std::cout << "chat       is " << or_dash(agent.retrieve_information().state_text()) << '\n';
}

void print(const lpchat::engagement& engagement) {
    std::cout << "transcript " << engagement.engagement_id() << ", " << engagement.start_time() << ", agent "
              << or_dash(engagement.agent_name()) << ", skill " << or_dash(engagement.skill_name()) << '\n';
    for (const auto& line : engagement.transcript().lines())
        std::cout << "           " << std::left << std::setw(8) << or_dash(line.source_text()) << std::right << ' '
                  << or_dash(line.plain_text()) << '\n';
}

/// Prints the first transcript in which the visitor wrote, and counts all.
void search_the_last_month(const lpchat::client& client) {
    lpchat::search_query query;
    query.end = std::chrono::system_clock::now();
    query.start = *query.end - 30 * 24h;
    std::size_t records = 0;
    bool printed = false;
    for (const auto& engagement : client.history().search(query)) {
        records++;
        if (!printed && engagement.info().is_interactive().value_or(false)) {
            print(engagement);
            printed = true;
        }
    }
    std::cout << "history    " << records << " engagements in the last 30 days\n";
}

void run(const char* sandbox) {
    lpchat::client_options options;
    if (sandbox != nullptr) options.sandbox = sandbox;
    options.source = "modern_example";
    const lpchat::client client{options};

    std::cout << "agent      " << or_dash(client.agent().login().login_name()) << " is logged in\n";
    const auto session = client.agent().start_session();
    session.set_availability(lpchat::availability_state::online);

    lpchat::chat_request request;
    request.skill = skill;
    request.pre_chat_lines = {"My order is 4711.", "It has not arrived."};
    const auto visitor = client.visitor().start_chat(request);
    std::cout << "lpchat     " << lpchat::version() << '\n';

    const auto agent = wait_for_a_ring(session, sandbox != nullptr ? 20ms : 2000ms);
    print(agent);
    exchange_lines(visitor, agent);
    search_the_last_month(client);
    client.close(1s);  // logs the agent out
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : std::getenv("LPCHAT_SANDBOX_CONFIG"));
        return 0;
    } catch (const lpchat::error& error) {
        std::cerr << to_string(error.family()) << ": " << error.what() << '\n';
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
