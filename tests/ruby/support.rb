# frozen_string_literal: true

# What the tests stand on: a runner without dependencies, and a sandbox whose scripted agents hurry.

$LOAD_PATH.unshift(File.expand_path("../../bindings/uniffi/ruby", __dir__))
ENV["LPCHAT_LIBRARY"] ||= File.expand_path("../../target/debug/liblpchat_uniffi.so", __dir__)

require "lpchat"

DAY = 24 * 60 * 60

class Failure < StandardError; end

RESULTS = { passed: 0, failed: 0 }

def test(name)
  yield
  RESULTS[:passed] += 1
rescue StandardError => error
  RESULTS[:failed] += 1
  puts "FAILED: #{name}", "  #{error.class}: #{error.message}", error.backtrace.first(6).map { |line| "    #{line}" }
end

def check(condition, message = "not as expected")
  raise Failure, message unless condition
end

def equal(expected, found)
  check(expected == found, "expected #{expected.inspect}, found #{found.inspect}")
end

# The error that the block raises, which is of this class.
def raised(type)
  yield
rescue type => error
  error
else
  raise Failure, "no #{type} was raised"
end

def sandboxed(switches: {}, engagements: 300)
  hurry = { agent_accept_ms: 60, agent_answer_ms: 30 }
  Lpchat::Sandbox.start(seed: 7, engagements: engagements, switches: hurry.merge(switches)) do |sandbox|
    Lpchat::Client.open(sandbox.config) { |client| yield client, sandbox }
  end
end

# Repeats the block until it gives something.
def eventually(seconds = 5)
  limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
  loop do
    found = yield
    return found if found
    raise Failure, "nothing within #{seconds} s" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit

    sleep 0.01
  end
end

# The server's journal of one route.
def journal(sandbox, route)
  answer = sandbox.admin("GET", "/admin/requests")
  entries = answer.is_a?(Array) ? answer : answer.fetch("requests")
  entries.select { |entry| entry["route"] == route }
end

def hang(sandbox, route, times: 1)
  sandbox.admin("POST", "/admin/faults", { route: route, times: times, action: { hang: true } })
end
