// What C++ adds: exceptions and results, ownership, lists, times, the log, cancelling.
#include <lpchat.hpp>

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>
#include <type_traits>

#include "harness.h"

using namespace std::chrono_literals;

namespace {

static_assert(!std::is_copy_constructible_v<lpchat::client> && std::is_nothrow_move_constructible_v<lpchat::client>);
static_assert(!std::is_copy_assignable_v<lpchat::search> && std::is_nothrow_move_assignable_v<lpchat::search>);
static_assert(std::is_copy_constructible_v<lpchat::engagement> && std::is_copy_assignable_v<lpchat::engagement>);
static_assert(std::is_base_of_v<std::runtime_error, lpchat::error> && std::is_base_of_v<lpchat::error, lpchat::timeout_error>);
static_assert(std::is_nothrow_copy_constructible_v<lpchat::error_details>);
static_assert(std::is_convertible_v<lpchat::timestamp, std::chrono::system_clock::time_point>);
static_assert(std::is_aggregate_v<lpchat::chat_request>);

lpchat::client_options options() {
    lpchat::client_options made;
    made.sandbox = sandbox();
    made.server_error_pauses = {5ms};
    return made;
}

/// A client of a tiny server, freed with it.
struct tiny {
    tiny_server* server;
    lpchat::client client;

    explicit tiny(tiny_mode mode, const std::string& body = "{}") : server(tiny_server_new(mode)), client(tiny_client(server)) {
        tiny_server_say(server, "200 OK", "", body.data(), body.size());
    }
    ~tiny() {
        client = lpchat::client(nullptr);
        tiny_server_free(server);
    }
    tiny(const tiny&) = delete;
};

void exceptions_have_a_class_and_details() {
    const lpchat::client client{options()};
    const auto chat = client.visitor().chat("K-nothing");
    bool caught = false;
    try {
        chat.retrieve_information();
    } catch (const lpchat::not_found_error& error) {
        caught = true;
        CHECK(error.code() == lpchat::error_code::chat_gone);
        CHECK(error.family() == lpchat::error_family::not_found);
        CHECK(error.http_status() == 404);
        CHECK(error.operation() == "VisitorChat.retrieve_information");
        CHECK(!error.retryable());
        CHECK(error.attempts() >= 1);
        CHECK(!error.request_id().empty());
        CHECK(error.name() == "ChatGone" && error.details().name() == "ChatGone" && to_string(error.code()) == "ChatGone");
        CHECK(to_string(error.family()) == "NotFound" && error.message() == error.details().message());
        CHECK_HOLDS(error.what(), "HTTP 404");
        const lpchat::error copy = error;
        CHECK(copy.hint() == error.hint());
    }
    CHECK(caught);
    try {
        client.visitor().chat("");
        CHECK(false);
    } catch (const lpchat::configuration_error& error) {
        CHECK(error.code() == lpchat::error_code::invalid_argument);
    }
}

void twins_throw_nothing() {
    const lpchat::client client{options()};
    const auto chat = client.visitor().try_chat("K-nothing");
    CHECK(chat.has_value());
    const auto information = chat->try_retrieve_information();
    CHECK(!information);
    CHECK(information.code() == lpchat::error_code::chat_gone);
    CHECK(information.details()->http_status() == 404);
    CHECK_HOLDS(information.message().c_str(), "HTTP 404");
    bool thrown = false;
    try {
        information.value();
    } catch (const lpchat::error&) {
        thrown = true;
    }
    CHECK(thrown);
    const auto ended = chat->try_end();
    CHECK(ended || !ended.message().empty());
    const auto domain = client.try_retrieve_domain("agentVep");
    CHECK(domain && domain->service() == "agentVep" && domain.code() == lpchat::error_code::ok && domain.message().empty());
    lpchat::client_options wrong;
    wrong.account_id = "not/an/account";
    CHECK(lpchat::client::try_create(wrong).code() == lpchat::error_code::invalid_option);
}

void handles_move_and_records_live_on() {
    std::optional<lpchat::engagement> kept;
    std::string_view id;
    {
        const lpchat::client first{options()};
        lpchat::search_query query;
        query.end = lpchat::timestamp(std::chrono::system_clock::now());
        query.start = *query.end - std::chrono::hours(30 * 24);
        query.limit = 5;
        const auto search = first.history().search(query);
        for (const auto& engagement : search) kept = engagement;
        id = kept->engagement_id();
    }
    // Page, search and client are gone; the record keeps what it needs.
    CHECK(kept && kept->engagement_id() == id && !id.empty());
    const auto lines = kept->transcript().lines();
    kept.reset();
    CHECK(!lines.empty() && lines.front().time());

    lpchat::client one{options()};
    lpchat::client two = std::move(one);
    CHECK(!one && two);
    CHECK(one.try_retrieve_domains().code() == lpchat::error_code::invalid_argument);
    one = std::move(two);
    CHECK(one.retrieve_domains().size() > 0);
    lpchat_client* raw = one.release();
    CHECK_INT(lpchat_client_free(raw), LPCHAT_OK);
}

void lists_are_ranges() {
    tiny it(TINY_SAYS, R"({"events":{"link":{"@href":"https://h/x?from=9","@rel":"next"},"event":[
        {"@id":"7","@type":"line","text":"a\u0000b","source":"martian"},{"@id":"8","@type":"state","state":"ended"}]}})");
    const auto events = it.client.visitor().chat("K1").retrieve_events();
    const auto list = events.events();
    CHECK_INT(list.size(), 2);
    CHECK(list[0].text() == std::string_view("a\0b", 3));
    CHECK(list[0].source() == lpchat::line_source::other && list[0].source_text() == "martian");
    CHECK(!list[1].text() && !list[1].source() && !list[1].time() && !list[1].system_message_id());
    CHECK(list[1].state() == lpchat::chat_state::ended);
    CHECK_INT(std::count_if(list.begin(), list.end(), [](const auto& event) { return event.id() > "7"; }), 1);
    const std::vector<lpchat::chat_event> copied(list.begin(), list.end());
    CHECK(copied[1].id() == "8" && list.begin()->id() == "7");
    CHECK(events.links().front().relation() == "next");
    CHECK_INT(events.next_id(), 9);
    bool thrown = false;
    try {
        list.at(2);
    } catch (const std::out_of_range&) {
        thrown = true;
    }
    CHECK(thrown);
}

void an_unreadable_record_ends_the_range() {
    tiny it(TINY_SAYS, R"({"_metadata":{"count":2},"interactionHistoryRecords":[
        {"info":{"engagementId":"E1","startTimeL":1772353800000}},{"info":{"engagementId":"E2","startTimeL":"nonsense","duration":"long"}}]})");
    lpchat::search_query query;
    query.start = lpchat::timestamp::parse("2026-03-01");
    query.end = lpchat::timestamp::parse("2026-03-02");
    std::string seen;
    try {
        for (const auto& engagement : it.client.history().search(query)) seen += engagement.engagement_id();
        CHECK(false);
    } catch (const lpchat::decode_error& error) {
        CHECK_HOLDS(error.what(), "A record could not be read");
        CHECK(error.code() == lpchat::error_code::unexpected_shape && !error.http_status());
        // It has no details, and yet a name and a message.
        CHECK(error.name() == "UnexpectedShape" && error.message() == error.what());
    }
    CHECK_TEXT(seen.c_str(), "E1");
}

void enumerations_are_open() {
    const lpchat::client client{options()};
    const auto session = client.agent().start_session();
    session.set_availability("Away");
    CHECK(session.retrieve_availability().chat() == lpchat::availability_state::away);
    session.set_availability(lpchat::availability_state::online);
    CHECK(session.retrieve_availability().chat_text() == "Online");
    CHECK_INT(static_cast<int>(session.try_set_availability("On the moon").code()), LPCHAT_INVALID_ARGUMENT);
    bool thrown = false;
    try {
        session.set_availability(lpchat::availability_state::other);
    } catch (const std::invalid_argument&) {
        thrown = true;
    }
    CHECK(thrown);
    client.close();
}

void texts_are_checked() {
    const lpchat::client client{options()};
    lpchat::chat_request request;
    request.skill = std::string("a\0b", 3);
    const auto with_nul = client.visitor().try_start_chat(request);
    CHECK(with_nul.code() == lpchat::error_code::invalid_argument);
    CHECK_HOLDS(with_nul.message().c_str(), "offset 1");
    request.skill = "\xE9";
    CHECK_HOLDS(client.visitor().try_start_chat(request).message().c_str(), "`skill` is not UTF-8");
    lpchat::call_options options;
    options.timeout = -1ms;
    CHECK_HOLDS(client.try_retrieve_domains(options).message().c_str(), "negative");
}

void times_are_time_points() {
    const auto instant = lpchat::timestamp::parse("2026-03-01T09:30:00.25+01:00");
    CHECK_INT(instant.milliseconds(), 1772353800250);
    CHECK_TEXT(instant.to_string().c_str(), "2026-03-01T08:30:00.250Z");
    const std::chrono::system_clock::time_point point = instant;
    CHECK(lpchat::timestamp(point + 1h) > instant);
    CHECK(lpchat::timestamp::from_milliseconds(-1).milliseconds() == -1);
    std::ostringstream text;
    text << instant << ' ' << std::optional<lpchat::timestamp>();
    CHECK_TEXT(text.str().c_str(), "2026-03-01T08:30:00.250Z -");
    bool thrown = false;
    try {
        lpchat::timestamp::parse("yesterday");
    } catch (const lpchat::configuration_error&) {
        thrown = true;
    }
    CHECK(thrown);
    CHECK(lpchat::version() == LPCHAT_VERSION);
}

void a_call_is_cancelled_from_another_thread() {
    tiny it(TINY_HANGS);
    const auto chat = it.client.visitor().chat("K1");
    const lpchat::call call;
    lpchat::call_options options;
    options.call = &call;
    std::thread other([&] {
        tiny_server_wait_requests(it.server, 1, 5000);
        call.cancel();
    });
    const auto information = chat.try_retrieve_information(options);
    other.join();
    CHECK(information.code() == lpchat::error_code::cancelled && call.is_cancelled());
    CHECK(tiny_server_wait_disconnects(it.server, 1, 1000));
    try {
        chat.retrieve_information(options);
        CHECK(false);
    } catch (const lpchat::cancelled_error&) {
    }
}

void the_log_is_a_function() {
    const lpchat::client client{options()};
    std::atomic<int> records{0};
    lpchat::set_log([&](lpchat::log_level level, std::string_view message) {
        CHECK(level >= lpchat::log_level::debug && !message.empty());
        records++;
    }, lpchat::log_level::debug);
    client.retrieve_domains();
    lpchat::set_log(nullptr);
    const int before = records;
    CHECK(before >= 2);
    client.retrieve_domains();
    CHECK_INT(records, before);
}

}  // namespace

#define RUN_CPP(test) run_test(#test, [] { try { test(); } catch (const std::exception& thrown) { fail_at(__FILE__, __LINE__, "%s", thrown.what()); } })

int main() {
    RUN_CPP(exceptions_have_a_class_and_details);
    RUN_CPP(twins_throw_nothing);
    RUN_CPP(handles_move_and_records_live_on);
    RUN_CPP(lists_are_ranges);
    RUN_CPP(an_unreadable_record_ends_the_range);
    RUN_CPP(enumerations_are_open);
    RUN_CPP(texts_are_checked);
    RUN_CPP(times_are_time_points);
    RUN_CPP(a_call_is_cancelled_from_another_thread);
    RUN_CPP(the_log_is_a_function);
    return finish_tests();
}
