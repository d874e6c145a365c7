# frozen_string_literal: true

# Prints how many threads and sockets lpchat has added with a client, and after its first call.

require_relative "support"

def threads
  Dir.children("/proc/self/task").size
end

def sockets
  Dir.children("/proc/self/fd").count { |number| File.readlink("/proc/self/fd/#{number}").start_with?("socket:") rescue false }
end

before = [threads, sockets]
client = Lpchat::Client.new(sandbox: ARGV[0])
puts "#{threads - before[0]} threads, #{sockets - before[1]} sockets"
client.visitor.start_chat(skill: "Sales")
puts "#{threads - before[0]} threads, #{sockets - before[1]} sockets"
