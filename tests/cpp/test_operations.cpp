// Every operation through lpchat.hpp, against the sandbox.
#include <lpchat.hpp>

#include <iostream>
#include <sstream>
#include <thread>

#include "harness.h"

using namespace std::chrono_literals;

namespace {

lpchat::client_options options() {
    lpchat::client_options made;
    made.sandbox = sandbox();
    made.server_error_pauses = {5ms};
    made.throttle_pause = 5ms;
    return made;
}

lpchat::timestamp sandbox_now() {
    const std::string line = sandbox();
    return lpchat::timestamp::parse(line.substr(line.find("\"now\":\"") + 7, 24));
}

/// One window of a search. Its ends are full ten minutes, to which the service rounds: it counts what a search gives.
lpchat::search_query last_month() {
    lpchat::search_query query;
    const auto now = sandbox_now().milliseconds();
    query.end = lpchat::timestamp::from_milliseconds(now - now % (10 * 60 * 1000));
    query.start = *query.end - std::chrono::hours(28 * 24);
    return query;
}

void domains_and_login() {
    const lpchat::client client{options()};
    CHECK(client.account_id() == "12345678");
    const auto domains = client.retrieve_domains();
    CHECK(domains.size() >= 4);
    std::size_t found = 0;
    for (const auto& domain : domains) found += domain.service() == "agentVep";
    CHECK_INT(found, 1);
    CHECK(client.retrieve_domain("conversationVep").host().find("127.0.0.1") == 0);
    const auto login = client.agent().login();
    CHECK(login.time_to_live() > 1min);
    CHECK(client.agent().refresh_login().login_name() == login.login_name());
    client.agent().logout();
    CHECK(client.metrics().calls() > 3);
    client.close(1s);
    CHECK(client.try_retrieve_domains().code() == lpchat::error_code::client_closed);
}

void an_authenticated_visitor() {
    const lpchat::client client{options()};
    lpchat::visitor_authentication_request request;
    request.sso_key = "valid-key";
    request.auth_chat_conn_id = "11";
    request.engagement_id = "27469613";
    request.le_tag_session_id = "session";
    request.le_tag_visitor_id = "visitor";
    request.le_tag_context_id = "3";
    const auto identity = client.visitor().authenticate(request);
    CHECK_INT(identity.participant_id().size(), 36);
    lpchat::chat_request chat;
    chat.skill = "Human";
    chat.participant_id = std::string(identity.participant_id());
    chat.conversation_id = std::string(identity.conversation_id());
    client.visitor().start_chat(chat).end();
}

lpchat::agent_chat accepted(const lpchat::agent_session& session) {
    for (int round = 0; round < 500; round++) {
        if (session.retrieve_incoming_requests().ringing_count() > 0) {
            if (auto chat = session.accept_chat()) return std::move(*chat);
        }
        std::this_thread::sleep_for(10ms);
    }
    throw std::runtime_error("nothing rings");
}

std::string lines(const lpchat::list<lpchat::chat_event>& events) {
    std::string all;
    for (const auto& event : events)
        if (event.text()) all.append(*event.text()).append("|");
    return all;
}

void a_chat_from_both_sides() {
    const lpchat::client client{options()};
    const auto session = client.agent().start_session();
    session.set_availability(lpchat::availability_state::online);
    CHECK(session.retrieve_availability().chat() == lpchat::availability_state::online);
    lpchat::chat_request request;
    request.skill = "Human";
    request.pre_chat_lines = {"Order 42", "\xC3\xBC"};
    const auto visitor = client.visitor().start_chat(request);
    CHECK(visitor.retrieve_information().state() == lpchat::chat_state::waiting);
    const auto agent = accepted(session);
    CHECK(!session.accept_chat());
    CHECK(session.retrieve_chat_sessions()[0].chat_session_key() == agent.id());
    CHECK(session.chat(std::string(agent.id())).id() == agent.id());
    const auto next = agent.retrieve_events().next_id();
    CHECK(visitor.add_line("Where is it?").has_value());
    lpchat::line_request line;
    line.text = "On its way.";
    line.text_type = lpchat::text_type::plain;
    agent.add_line(line);
    const auto events = visitor.retrieve_events(next).events();
    CHECK_TEXT(lines(events).c_str(), "Where is it?|On its way.|");
    CHECK(events.back().source() == lpchat::line_source::agent);
    CHECK(events.front().type() == lpchat::chat_event_type::line);
    CHECK(events.front().type_text() == "line");
    const auto resources = agent.retrieve_resources();
    CHECK(!resources.links().empty());
    CHECK(resources.information().state() == lpchat::chat_state::chatting);
    CHECK(visitor.retrieve_resources().events().events().size() == resources.events().events().size());
    CHECK(resources.raw().size() > 100);
    agent.end();
    visitor.end();
    CHECK(client.visitor().chat(std::string(visitor.id())).retrieve_information().state_text() == "ended");
    CHECK(agent.retrieve_information().state() == lpchat::chat_state::ended);
}

/// How many rows a stream gives, released by hand as C does.
std::int64_t rows_of(lpchat::arrow_stream stream) {
    std::int64_t rows = 0;
    for (ArrowArray batch{}; stream.get()->get_next(stream.get(), &batch) == 0 && batch.release != nullptr;) {
        rows += batch.length;
        batch.release(&batch);
    }
    CHECK(stream.get()->get_last_error(stream.get()) == nullptr);
    return rows;
}

void tables() {
    const lpchat::client client{options()};
    const auto query = last_month();
    std::int64_t records = 0, lines = 0, lines_of_pages = 0;
    const auto search = client.history().search(query);
    for (const auto& page : search.pages()) {
        records += static_cast<std::int64_t>(page.records().size());
        for (const auto& record : page.records()) lines += static_cast<std::int64_t>(record.transcript().lines().size());
        lines_of_pages += rows_of(page.table(LPCHAT_TABLE_LINES));
    }
    CHECK(lines > records && records > 10);
    CHECK_INT(lines_of_pages, lines);
    CHECK_INT(rows_of(client.history().search(query).table("lines")), lines);
    CHECK_INT(rows_of(client.history().search(query).table()), records);
    auto unread = client.history().search(query).table();
    CHECK(static_cast<bool>(unread));
    unread = lpchat::arrow_stream();
    CHECK(!unread);
    ArrowArrayStream owned = client.history().search(query).table("surveys").release();
    owned.release(&owned);
    CHECK(client.history().search(query).try_table("line").code() == lpchat::error_code::invalid_argument);
}

void history() {
    const lpchat::client client{options()};
    auto query = last_month();
    query.page_size = 40;
    const auto count = client.history().count(query);
    CHECK(count > 40);
    std::int64_t seen = 0;
    std::string last;
    for (const auto& engagement : client.history().search(query)) {
        seen++;
        CHECK(engagement.info().engagement_id() == engagement.engagement_id());
        std::ostringstream text;
        text << engagement.start_time();
        CHECK(text.str() >= last);
        last = text.str();
    }
    CHECK_INT(seen, count);
    const auto search = client.history().search(query);
    CHECK_INT(search.count(), count);
    std::int64_t records = 0, pages = 0;
    for (const auto& page : search.pages()) {
        pages++;
        records += static_cast<std::int64_t>(page.records().size());
        CHECK(page.failures().empty());
    }
    CHECK_INT(records, count);
    CHECK_INT(pages, (count + 39) / 40);
    CHECK(!search.next_page());
    query.limit = 2;
    const auto page = client.history().retrieve_page(query);
    CHECK_INT(page.records().size(), 2);
    const auto engagement = page.records().front();
    const auto whole = client.history().get(std::string(engagement.engagement_id()), engagement.start_time());
    CHECK(whole.size() >= 1 && whole[0].engagement_id() == engagement.engagement_id());
    CHECK(!whole[0].transcript().lines().empty());
}

}  // namespace

#define RUN_CPP(test) run_test(#test, [] { try { test(); } catch (const std::exception& thrown) { fail_at(__FILE__, __LINE__, "%s", thrown.what()); } })

int main() {
    RUN_CPP(domains_and_login);
    RUN_CPP(an_authenticated_visitor);
    RUN_CPP(a_chat_from_both_sides);
    RUN_CPP(history);
    RUN_CPP(tables);
    return finish_tests();
}
