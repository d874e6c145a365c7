// What C++ adds to chats that live: range-for over events, and scopes that end them.
#include <lpchat.hpp>

#include <string>
#include <thread>
#include <type_traits>

#include "harness.h"

using namespace std::chrono_literals;

namespace {

static_assert(!std::is_copy_constructible_v<lpchat::visitor_chat> && std::is_nothrow_move_constructible_v<lpchat::visitor_chat>);
static_assert(std::is_nothrow_move_assignable_v<lpchat::agent_chat> && std::is_nothrow_destructible_v<lpchat::agent_session>);

/// Whether events can be asked of it.
template <class T, class = void>
struct has_events : std::false_type {};
template <class T>
struct has_events<T, std::void_t<decltype(std::declval<T>().events())>> : std::true_type {};
static_assert(has_events<const lpchat::visitor_chat&>::value && has_events<lpchat::agent_chat&>::value);
static_assert(!has_events<lpchat::visitor_chat>::value, "a chat that ends with the statement has no events");

lpchat::client lively_client() {
    lpchat::client_options options;
    options.sandbox = sandbox();
    options.server_error_pauses = {5ms};
    options.poll_interval = 20ms;
    options.quiet_poll_interval = 40ms;
    return lpchat::client(options);
}

/// Of a skill that no scripted agent serves, or of one that has an agent.
lpchat::visitor_chat start_chat(const lpchat::client& client, const char* skill = "Human") {
    lpchat::chat_request request;
    request.skill = skill;
    return client.visitor().start_chat(request);
}

lpchat::chat_state state_of(const lpchat::client& client, const std::string& id) {
    return *client.visitor().chat(id).retrieve_information().state();
}

void events_are_a_range() {
    const auto client = lively_client();
    const auto chat = start_chat(client, "Sales");
    CHECK(!chat.state() && !chat.state_text());
    CHECK(chat.wait_until_accepted(10s));
    CHECK(chat.state() == lpchat::chat_state::chatting && chat.state_text() == "chatting");
    CHECK(!chat.send("Where is it?").event_id()->empty());
    std::string first, last;
    int answers = 0;
    for (const auto& event : chat.events()) {
        if (first.empty()) first = std::string(event.id());
        if (event.state_text()) last = std::string(*event.state_text());
        if (event.source() != lpchat::line_source::agent) continue;
        if (++answers == 1) chat.send("Bye");
        if (answers == 2) chat.end();
    }
    CHECK(first == "0" && last == "ended");
    CHECK(answers >= 2);
    // It is over for whoever asks again.
    for (const auto& event : chat.events()) CHECK(event.id().empty());
    CHECK(!chat.events().next_event());
}

void a_loop_that_was_left_goes_on() {
    const auto client = lively_client();
    const auto chat = start_chat(client);
    std::string ids;
    for (const auto& event : chat.events()) {
        ids += event.id();
        break;
    }
    const auto stream = chat.events();
    ids += stream.next_event(10s)->id();
    CHECK_TEXT(ids.c_str(), "01");
    CHECK(!stream.ready_event());
}

void a_quiet_chat_is_a_timeout() {
    const auto client = lively_client();
    const auto chat = start_chat(client);
    const auto stream = chat.events();
    while (stream.try_next_event(200ms)) {
    }
    const auto quiet = stream.try_next_event(30ms);
    CHECK(!quiet && quiet.code() == lpchat::error_code::nothing_came);
    CHECK_TEXT(quiet.message().c_str(), "lpchat: NothingCame");
    bool thrown = false;
    try {
        stream.next_event(30ms);
    } catch (const lpchat::timeout_error& error) {
        thrown = error.code() == lpchat::error_code::nothing_came;
    }
    CHECK(thrown);
    CHECK_INT(stream.next_events(1, 30ms)->events().size(), 0);
}

void the_end_of_a_scope_ends_the_chat() {
    const auto client = lively_client();
    std::string id;
    {
        const auto chat = start_chat(client);
        id = std::string(chat.id());
        // Naming it makes nobody its owner.
        { const auto named = client.visitor().chat(id); }
        CHECK(state_of(client, id) == lpchat::chat_state::waiting);
    }
    CHECK(state_of(client, id) == lpchat::chat_state::ended);
    try {
        const auto chat = start_chat(client);
        id = std::string(chat.id());
        throw 1;
    } catch (int) {
    }
    CHECK(state_of(client, id) == lpchat::chat_state::ended);
}

void what_is_kept_moved_or_released_goes_on() {
    const auto client = lively_client();
    std::string kept, released, replaced, document;
    {
        const auto chat = start_chat(client);
        kept = std::string(chat.id());
        chat.keep(true);
        document = chat.save();
    }
    CHECK(state_of(client, kept) == lpchat::chat_state::waiting);
    { CHECK(client.visitor().resume(document).id() == kept); }
    CHECK(state_of(client, kept) == lpchat::chat_state::ended);
    lpchat_visitor_chat* raw = nullptr;
    {
        auto chat = start_chat(client);
        released = std::string(chat.id());
        raw = chat.release();
        CHECK(!chat);
    }
    CHECK(state_of(client, released) == lpchat::chat_state::waiting);
    lpchat::visitor_chat owner(raw);
    {
        auto moved_from = start_chat(client);
        replaced = std::string(moved_from.id());
        // The chat that is replaced ends, the one that moves does not.
        owner = std::move(moved_from);
        CHECK(!moved_from);
    }
    CHECK(state_of(client, released) == lpchat::chat_state::ended);
    CHECK(state_of(client, replaced) == lpchat::chat_state::waiting);
}

void an_agent_goes_away_with_the_session() {
    const auto client = lively_client();
    std::string id;
    {
        const auto session = client.agent().start_session();
        session.set_availability(lpchat::availability_state::online);
        const auto visitor = start_chat(client);
        const auto ring = session.next_ring(10s);
        CHECK(ring && ring->time_left() <= 20s);
        const auto chat = session.accept_chat();
        CHECK(chat && visitor.wait_until_accepted(10s));
        chat->send("Hello");
        for (const auto& event : visitor.events())
            if (event.text() == "Hello") break;
        id = std::string(visitor.id());
        CHECK(session.retrieve_availability().chat() == lpchat::availability_state::online);
    }
    CHECK(state_of(client, id) == lpchat::chat_state::ended);
    CHECK(client.agent().start_session().retrieve_availability().chat() == lpchat::availability_state::away);
}

void a_destructor_waits_no_longer_than_it_says() {
    tiny_server* server = tiny_server_new(TINY_HANGS);
    lpchat::client client(tiny_client(server));
    const auto begin = now_ms();
    { const lpchat::visitor_chat chat(client.visitor().chat("K1").release()); }
    CHECK(now_ms() - begin >= 4900 && now_ms() - begin < 8000);
    client = lpchat::client(nullptr);
    tiny_server_free(server);
}

void cancelling_ends_the_range() {
    const auto client = lively_client();
    const auto chat = start_chat(client);
    const lpchat::call call;
    lpchat::call_options options;
    options.call = &call;
    std::thread other([&] {
        sleep_ms(50);
        call.cancel();
    });
    bool cancelled = false;
    try {
        const auto stream = chat.events();
        while (stream.next_event({}, options)) {
        }
    } catch (const lpchat::cancelled_error&) {
        cancelled = true;
    }
    other.join();
    CHECK(cancelled);
}

}  // namespace

#define RUN_CPP(test) run_test(#test, [] { try { test(); } catch (const std::exception& thrown) { fail_at(__FILE__, __LINE__, "%s", thrown.what()); } })

int main() {
    RUN_CPP(events_are_a_range);
    RUN_CPP(a_loop_that_was_left_goes_on);
    RUN_CPP(a_quiet_chat_is_a_timeout);
    RUN_CPP(the_end_of_a_scope_ends_the_chat);
    RUN_CPP(what_is_kept_moved_or_released_goes_on);
    RUN_CPP(an_agent_goes_away_with_the_session);
    RUN_CPP(a_destructor_waits_no_longer_than_it_says);
    RUN_CPP(cancelling_ends_the_range);
    return finish_tests();
}
