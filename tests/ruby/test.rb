# frozen_string_literal: true

# The Ruby binding against the sandbox: ruby tests/ruby/test.rb

require_relative "support"
require "date"
require "timeout"

README = File.read(File.expand_path("../../bindings/uniffi/README.md", __dir__))

test "a visitor's chat from the queue to its end" do
  sandboxed do |client|
    chat = client.visitor.start_chat(skill: "Sales", pre_chat_lines: ["Order 42"])
    eventually { chat.retrieve_information.state.chatting? }
    chat.add_line("Grüße, 你好 🙂 <b>bold</b>\ttab")
    mine = eventually { chat.retrieve_events.events.find { |event| event.source&.visitor? } }
    equal "Grüße, 你好 🙂 <b>bold</b>\ttab", mine.text
    equal "line", mine.type.text
    check mine.time.is_a?(Time) && (Time.now - mine.time).abs < 60
    answer = eventually { chat.retrieve_events(mine.id.to_i + 1).events.find { |event| event.source&.agent? } }
    check !answer.text.empty?
    chat.end
    eventually { chat.retrieve_information.state.ended? }
    equal chat.id, client.visitor.chat(chat.id).id
  end
end

test "an agent accepts a chat, reads it and answers" do
  sandboxed do |client|
    session = client.agent.start_session
    session.set_availability(Lpchat::AvailabilityState.online)
    equal Lpchat::AvailabilityState.of("Online"), session.retrieve_availability.chat
    visitor = client.visitor.start_chat(Lpchat::ChatRequest.new(skill: "Human", pre_chat_lines: ["anyone?"]))
    eventually { session.retrieve_incoming_requests.ringing_count.positive? }
    chat = session.accept_chat
    chat.add_line(text: "Hello, this is a human.")
    equal "Hello, this is a human.", eventually { visitor.retrieve_events.events.find { |event| event.source&.agent? } }.text
    check(chat.retrieve_resources.events.events.any? { |event| event.text == "anyone?" })
    chat.end
    equal nil, session.accept_chat
  end
end

test "a search of history: records, pages, filters, one engagement" do
  sandboxed(engagements: 2000) do |client|
    now = Time.now
    query = Lpchat::SearchQuery.new(start: now - (30 * DAY), end: now, page_size: 20)
    equal now, query.end
    search = client.history.search(query)
    count = search.count
    records = search.to_a
    check records.size.between?(41, count), "#{records.size} of #{count}"
    equal records, records.sort_by(&:start_time)
    pages = client.history.search(query).pages.to_a
    equal records.map(&:engagement_id), pages.flat_map(&:records).map(&:engagement_id)
    found = client.history.search(start: now - (30 * DAY), end: now, keyword: '"money back"', keyword_areas: [Lpchat::KeywordArea.chat_line], interactive: true).first
    check(found.transcript.lines.any? { |line| line.text.to_s.downcase.include?("money back") })
    check found.raw.start_with?("{") && !found.inspect.include?("raw=")
    check client.history.get(found.engagement_id).map(&:engagement_id).include?(found.engagement_id)
  end
end

test "a record that cannot be read hides no other" do
  sandboxed do |client, sandbox|
    started = ((Time.now - (9 * DAY)).to_f * 1000).to_i
    sandbox.admin("POST", "/admin/history", { info: { engagementId: "12345678999", startTimeL: started, duration: { a: 1 } } })
    seen = []
    error = raised(Lpchat::LpchatError::Decode) do
      client.history.search(start: Time.now - (30 * DAY), end: Time.now).each { |engagement| seen << engagement }
    end
    check seen.any? && error.message.include?("`pages`"), error.message
  end
end

test "an error carries everything that is known" do
  sandboxed(switches: { scripted_agent: "off" }) do |client|
    chat = client.visitor.start_chat(skill: "Sales")
    error = raised(Lpchat::LpchatError) { chat.add_line("hello") }
    check error.is_a?(Lpchat::LpchatError::ChatState) && error.is_a?(StandardError)
    details = error.details
    equal [1501, "NotChatting", "VisitorChat.add_line", 400, "5", 1, true],
          [details.code, details.name, details.operation, details.http_status, details.service_code, details.attempts, details.retryable]
    check details.elapsed.is_a?(Float) && details.elapsed.between?(0, 5)
    check error.message.start_with?("VisitorChat.add_line: The chat is not open for lines") && error.message.include?("[HTTP 400, code 5]")
    raised(Lpchat::LpchatError::Configuration) { client.visitor.start_chat(max_wait_time_seconds: -1) }
    raised(Lpchat::LpchatError::NotFound) { client.visitor.chat("H1-00000000000000000000000000000000K1").retrieve_information }
    raised(TypeError) { chat.add_line(5) }
    raised(ArgumentError) { client.visitor.start_chat(colour: "red") }
  end
end

test "hashes, symbols, texts and dates stand for what they name" do
  sandboxed do |client|
    day = Date.today - 28
    counts = [
      { start: day, end: day + 21, channel: :web },
      { start: day.to_s, end: "#{day + 21}T01:00:00+01:00", channel: "1" },
      { "start" => Time.utc(day.year, day.month, day.day), "end" => (day + 21).to_datetime, "channel" => Lpchat::Channel.web },
      Lpchat::SearchQuery.new(start: day, end: day + 21, channel: :web, skill_ids: nil, extra_filters: {}),
    ].map { |query| client.history.count(query) }
    check counts.first.positive?
    equal 1, counts.uniq.size
    survey = { survey_id: "1", answers: [{ question_id: "1", answers: ["x"] }] }
    chat = client.visitor.start_chat({ skill: "Sales", survey: survey, custom_variables: [{ name: "a", value: "b" }] }, timeout: 5)
    check chat.retrieve_events(timeout: 5).next_id.positive?
    check chat.retrieve_events(1, Lpchat::CallOptions.new(headers: { "X-Note": "a" })).events.is_a?(Array)
    client.agent.start_session.set_availability(:online)
    information = chat.retrieve_information
    equal information, Lpchat::ChatInformation.new(**information.to_h)
    check(case information
          in { state: Lpchat::ChatState => state } then state.text
          end)
  end
end

test "what does not fit is refused by its name, before anything is sent" do
  sandboxed do |client|
    {
      { keyword_areas: [:chat] } => [TypeError, "`keyword_areas[0]` is :chat: it must be a Lpchat::KeywordArea, its text, or one of :chat_line"],
      { skill_ids: "14" } => [TypeError, '`skill_ids` is "14": it must be an Array'],
      { skill_ids: [14] } => [TypeError, "`skill_ids[0]` is 14: it must be a String"],
      { limit: 5.5 } => [TypeError, "`limit` is 5.5: it must be an Integer"],
      { limit: 2**63 } => [RangeError, "`limit` is 9223372036854775808"],
      { interactive: "no" } => [TypeError, '`interactive` is "no": it must be true or false'],
      { start: "2026-03-01T00:00:00" } => [ArgumentError, "names no instant: it must be a Time, a Date, or ISO 8601 text with an offset"],
      { end: 5 } => [TypeError, "`end` is 5: it must be a Time"],
      { begin: Time.now } => [ArgumentError, "unknown keyword: :begin"],
    }.each do |fields, (type, text)|
      message = raised(type) { client.history.count(fields) }.message
      check message.include?(text), message
    end
    check raised(ArgumentError) { client.retrieve_domain(nil) }.message.include?("`service` is missing")
    check raised(TypeError) { client.retrieve_domains(timeout: "5") }.message.include?("`timeout`")
    check raised(TypeError) { client.visitor.start_chat("Sales") }.message.include?("`request`")
    message = raised(TypeError) { Lpchat::Client.new(app_key: 12_345) }.message
    check !message.include?("12345"), message
    equal 0, client.metrics.requests
  end
end

test "durations are seconds" do
  sandboxed do |client, sandbox|
    chat = client.visitor.start_chat(skill: "Sales")
    hang(sandbox, "visitor.info")
    error = raised(Lpchat::LpchatError::Timeout) { chat.retrieve_information(timeout: 0.25, retries: 0) }
    check error.details.elapsed.between?(0.25, 2), error.details.elapsed.inspect
    throttle = { route: "visitor.info", action: { status: 429, headers: { "Retry-After" => "3" } } }
    sandbox.admin("POST", "/admin/faults", throttle)
    equal 3.0, raised(Lpchat::LpchatError::RateLimited) { chat.retrieve_information(retries: 0) }.details.retry_after
  end
end

test "an interrupted call leaves the server, and others run meanwhile" do
  sandboxed do |client, sandbox|
    chat = client.visitor.start_chat(skill: "Sales")
    hang(sandbox, "visitor.info", times: 2)
    ticks = 0
    ticker = Thread.new { loop { sleep 0.01; ticks += 1 } }
    raised(Timeout::Error) { Timeout.timeout(0.3) { chat.retrieve_information } }
    check ticks > 10, "the call held Ruby's lock: #{ticks} ticks"
    waiting = Thread.new { chat.retrieve_information }
    eventually { journal(sandbox, "visitor.info").size == 2 }
    waiting.kill.join
    ticker.kill
    eventually { journal(sandbox, "visitor.info").count { |entry| entry["aborted"] } == 2 }
    check chat.retrieve_information.state
  end
end

test "calls of many threads at once" do
  sandboxed do |client|
    ids = Array.new(20) { Thread.new { client.visitor.start_chat(skill: "Sales").id } }.map(&:value)
    equal 20, ids.uniq.size
  end
end

test "a client used before a fork works in the children and in the parent" do
  sandboxed do |client|
    chat = client.visitor.start_chat(skill: "Sales")
    children = Array.new(10) { fork { exit!(chat.retrieve_information.state ? 0 : 1) } }
    Timeout.timeout(20) { equal [0] * 10, children.map { |pid| Process.wait2(pid).last.exitstatus } }
    check chat.retrieve_information.state
  end
end

test "an unknown value keeps its text" do
  value = Lpchat::ChatState.of("paused")
  equal ["paused", "paused", true], [value.text, value.to_s, value.other?]
  equal Lpchat::ChatState.of("ended"), Lpchat::ChatState.ended
  equal 1, [Lpchat::ChatState.ended, Lpchat::ChatState.of("ended")].uniq.size
end

test "secrets do not print" do
  canary = "facade-canary-7"
  secret = { app_key: canary, client_secret: canary, password: canary, bearer: canary, oauth1_consumer_secret: canary, sandbox: canary }
  records = [Lpchat::ClientOptions.new(**secret), Lpchat::OAuth2.new(client_id: "a", client_secret: canary), Lpchat::ChatRequest.new(sso_key: canary)]
  check records.none? { |record| record.inspect.include?(canary) || record.to_s.include?(canary) }
  equal "#<Lpchat::ChatRequest sso_key>", records.last.inspect
  Lpchat::Sandbox.start(engagements: 0) do |sandbox|
    client = Lpchat::Client.new(sandbox: sandbox.line, password: canary)
    error = raised(Lpchat::LpchatError::Authentication) { client.agent.start_session(retries: 0) }
    check !error.full_message.include?(canary) && !error.details.inspect.include?(canary)
    check !sandbox.inspect.include?("secret") && !client.inspect.include?(canary)
  end
end

test "a closed client says so" do
  sandboxed do |client|
    client.close
    client.close
    raised(Lpchat::LpchatError::Closed) { client.visitor.start_chat(skill: "Sales") }
  end
end

EXITS = 200
AT_ONCE = 4

def exit_in_flight(line, way)
  output, input = IO.pipe
  errors, error_input = IO.pipe
  pid = Process.spawn(RbConfig.ruby, File.expand_path("exit_in_flight.rb", __dir__), line, way, out: input, err: error_input)
  [input, error_input].each(&:close)
  equal "in flight\n", output.gets
  Process.kill("INT", pid) if way == "interrupt"
  began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  _, status = Process.wait2(pid)
  took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - began
  expected = { "return" => 0, "exit" => 7, "interrupt" => 130 }.fetch(way)
  equal [expected, ""], [status.exitstatus, errors.read]
  check took < 2, "#{way} took #{took} s"
end

test "two hundred processes end cleanly with calls in flight" do
  sandboxed(engagements: 0) do |_client, sandbox|
    hang(sandbox, "visitor.info", times: 4 * EXITS)
    runs = Queue.new
    EXITS.times { |run| runs << %w[return exit interrupt][run % 3] }
    runs.close
    workers = Array.new(AT_ONCE) do
      Thread.new do
        Thread.current.report_on_exception = false
        while (way = runs.pop)
          exit_in_flight(sandbox.line, way)
        end
      end
    end
    workers.each(&:join)
  end
end

test "there is no thread and no socket before the first call" do
  sandboxed(engagements: 0) do |_client, sandbox|
    output = IO.popen([RbConfig.ruby, File.expand_path("threads.rb", __dir__), sandbox.line], err: %i[child out], &:read)
    # The engine's, the one that hands results over, and the one on which the gem `ffi` calls back.
    equal "0 threads, 0 sockets\n3 threads, 1 sockets\n", output
  end
end

def lively(**switches)
  sandboxed(switches: switches) do |client, sandbox|
    Lpchat::Client.open(sandbox: sandbox.line, poll_interval: 0.02, quiet_poll_interval: 0.04) { |own| yield own }
  end
end

def state_of(client, id)
  client.visitor.chat(id).retrieve_information.state.text
end

test "a chat over its events" do
  lively do |client|
    chat = client.visitor.start_chat(skill: "Sales")
    equal nil, chat.state
    check chat.wait_until_accepted(10)
    check chat.state.chatting?
    check chat.send("Where is it?").event_id
    first = chat.events.first
    equal "0", first.id
    rest = chat.events.each { |event| chat.end if event.source&.agent? }
    check rest.is_a?(Lpchat::EventStream)
    equal [], chat.events.to_a
    equal nil, chat.events.next_event
  end
end

test "a quiet chat is a timeout" do
  lively do |client|
    events = client.visitor.start_chat(skill: "Human").events
    nil until events.next_events(nil, 0.2).events.empty?
    equal "NothingCame", raised(Lpchat::LpchatError::Timeout) { events.next_event(0.03) }.details.name
    check(Timeout.timeout(0.05) { events.first } == :never) rescue check $!.is_a?(Timeout::Error), $!.message
  end
end

test "a block is the scope of a chat" do
  lively do |client|
    id = client.visitor.start_chat(skill: "Human", &:id)
    equal "ended", state_of(client, id)
    equal "broken off", client.visitor.start_chat({ skill: "Human" }) { |chat| id = chat.id; break "broken off" }
    equal "ended", state_of(client, id)
    own = raised(ArgumentError) { client.visitor.start_chat(skill: "Human") { |chat| id = chat.id; raise ArgumentError, "own" } }
    equal "own", own.message
    equal "ended", state_of(client, id)
    document = client.visitor.start_chat(skill: "Human") { |chat| chat.keep(true); id = chat.id; chat.save }
    equal "waiting", state_of(client, id)
    client.visitor.resume(document) { |chat| equal id, chat.id; chat.keep(false) }
    equal "ended", state_of(client, id)
    check client.visitor.start_chat(skill: "Human").is_a?(Lpchat::VisitorChat)
  end
end

test "an agent's session and chat in blocks" do
  lively do |client|
    client.agent.start_session do |session|
      session.set_availability(:online)
      equal nil, session.next_ring(0.03)
      equal(nil, session.accept_chat { |_| raise "there is none" })
      visitor = client.visitor.start_chat(skill: "Human")
      equal 1, session.next_ring(10).ringing_count
      session.accept_chat { |chat| chat.send("Hello") }
      equal "Hello", visitor.events.find { |event| event.source&.agent? }.text
      equal "ended", visitor.events.to_a.last.state.text
    end
    equal "Away", client.agent.start_session.retrieve_availability.chat.text
  end
end

test "the chat of the README" do
  snippet = README.scan(/```ruby\n(.*?)```/m).flatten[1]
  program = "require \"lpchat\"\nLpchat::Sandbox.start(seed: 7) { |sandbox| Lpchat::Client.open(sandbox.config) { |client| #{snippet} } }"
  output = IO.popen(["ruby", "-I", $LOAD_PATH.first, "-e", program], err: %i[child out], &:read)
  equal 1, output.lines.size
  check !output.strip.empty? && !output.include?("Error"), output
end

test "the quickstart of the README" do
  readme = README
  output = IO.popen(["ruby", "-I", $LOAD_PATH.first, "-e", readme[/```ruby\n(.*?)```/m, 1]], err: %i[child out], &:read)
  equal 5, output.lines.grep(/\A\d+\Z/).size
  equal 5, output.lines.size
end

puts "#{RESULTS[:passed]} passed, #{RESULTS[:failed]} failed"
exit(RESULTS[:failed].zero? ? 0 : 1)
