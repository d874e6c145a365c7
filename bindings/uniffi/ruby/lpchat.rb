# frozen_string_literal: true

require "io/wait"

# An unofficial SDK for LivePerson's legacy Chat APIs and Engagement History API.
#
#   Lpchat::Sandbox.start do |sandbox|
#     client = Lpchat::Client.new(sandbox.config)
#     chat = client.visitor.start_chat(skill: "Sales")
#   end
module Lpchat
  # The native library: a path in the variable LPCHAT_LIBRARY, else where the system looks for libraries.
  def self.library
    ENV.fetch("LPCHAT_LIBRARY", "lpchat_uniffi")
  end
end

require "lpchat/runtime"
require "lpchat/interface"
require "lpchat/tables"
require "lpchat/given"
require "lpchat/additions"
require "lpchat/sandbox"
