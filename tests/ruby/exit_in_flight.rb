# frozen_string_literal: true

# Begins calls that get no answer, says so, and ends in the way asked for.

require_relative "support"

client = Lpchat::Client.new(sandbox: ARGV[0])
chat = client.visitor.start_chat(skill: "Sales")
3.times { Thread.new { chat.retrieve_information } }
sleep 0.001 while client.metrics.in_flight < 3
begin
  $stdout.puts "in flight"
  $stdout.flush
  exit(7) if ARGV[1] == "exit"
  chat.retrieve_information if ARGV[1] == "interrupt"
rescue Interrupt
  exit(130)
end
