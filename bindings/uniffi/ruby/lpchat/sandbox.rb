# frozen_string_literal: true

require "json"
require "net/http"
require "open3"

module Lpchat
  # A running `lpchat-sandbox`, the emulator of the service. It ends with its block, or with this process.
  class Sandbox
    # The line of JSON that it printed. It holds the sandbox's credentials.
    attr_reader :line

    # Starts a sandbox on a free port of the loopback interface; with a block, yields it and ends it afterwards.
    #
    # @param seed [Integer] the same seed gives the same data and ids
    # @param engagements [Integer] how many engagements its history holds
    # @param base_date [String, Date] the sandbox's today; generated history lies before it
    # @param switches [Hash] behaviour where the service's is uncertain; `lpchat-sandbox --list-switches` names them
    # @param data [String] a file to keep the history in; memory when absent
    # @param path [String] the executable; LPCHAT_SANDBOX, else `lpchat-sandbox` on the path, when absent
    def self.start(seed: nil, engagements: nil, base_date: nil, switches: {}, data: nil, path: nil)
      command = [path || ENV["LPCHAT_SANDBOX"] || "lpchat-sandbox", "--port", "0"]
      options = { "--seed" => seed, "--engagements" => engagements, "--base-date" => base_date, "--data" => data }
      options.compact.each { |name, value| command.push(name, value.to_s) }
      switches.each { |name, value| command.push("--switch", "#{name}=#{value}") }
      sandbox = new(command)
      return sandbox unless block_given?

      begin
        yield sandbox
      ensure
        sandbox.close
      end
    end

    private_class_method :new

    def initialize(command)
      @input, output, errors, @process = Open3.popen3(*command)
      @line = output.gets&.strip
      raise "lpchat-sandbox did not start: #{errors.read.strip}" unless @line

      errors.close
    rescue Errno::ENOENT
      raise "The executable lpchat-sandbox was not found: it is named by the variable LPCHAT_SANDBOX, or looked for on PATH " \
            "(`cargo build -p lpchat-sandbox` makes it)."
    end

    # Options of a client that talks to this sandbox and to nothing else.
    def config
      ClientOptions.new(sandbox: @line)
    end

    # The address of the sandbox, such as `http://127.0.0.1:43121`.
    def origin
      JSON.parse(@line)["domain_origin"]
    end

    # Moves the sandbox's clock forward by so many seconds; what falls due meanwhile happens.
    def advance(seconds)
      admin("POST", "/admin/clock", { advance_ms: (seconds * 1000).to_i })
    end

    # Calls the sandbox's admin interface, which its README describes, and gives the answer's JSON.
    def admin(method, path, body = nil)
      address = URI(origin)
      answer = Net::HTTP.start(address.host, address.port, nil) do |http|
        http.send_request(method, path, body && JSON.generate(body), "Content-Type" => "application/json")
      end
      raise "#{method} #{path}: HTTP #{answer.code} #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)

      answer.body.to_s.empty? ? nil : JSON.parse(answer.body)
    end

    # Ends the sandbox.
    def close
      @input.close
      return if @process.join(5)

      Process.kill("KILL", @process.pid)
    end

    def inspect
      "#<Lpchat::Sandbox #{origin}>"
    end
  end
end
