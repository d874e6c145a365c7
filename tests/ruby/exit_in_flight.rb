# frozen_string_literal: true

# Begins calls that get no answer, says so, and ends in the way asked for.

require_relative "support"

# A shell has its background jobs ignore this, and Ruby leaves it so.
trap("INT", "DEFAULT")

client = Lpchat::Client.new(sandbox: ARGV[0])
chat = client.visitor.start_chat(skill: "Sales")
3.times { Thread.new { chat.retrieve_information } }
# Where it waits for a call itself, it says so once that one is under way, too.
calls = ARGV[1] == "interrupt" ? 4 : 3
announcement = Thread.new do
  sleep 0.001 while client.metrics.in_flight < calls
  $stdout.puts "in flight"
  $stdout.flush
end
begin
  announcement.join unless ARGV[1] == "interrupt"
  exit(7) if ARGV[1] == "exit"
  chat.retrieve_information if ARGV[1] == "interrupt"
rescue Interrupt
  exit(130)
end
