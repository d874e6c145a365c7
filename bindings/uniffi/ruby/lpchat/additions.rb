# frozen_string_literal: true

# What UniFFI's Ruby lacks. Nothing here names an operation: what differs from one to the next is in tables.rb.
module Lpchat
  # What is known about an error: every class of this module is a family, and `rescue Lpchat::LpchatError` takes all.
  module LpchatError
    families = constants.map { |name| const_get(name) }
    families.each do |family|
      family.include(self)
      family.remove_method(:to_s)
      # Operation, message, what the service said, what to do about it.
      family.define_method(:to_s) { Lpchat.send(:describe, details) }
    end
  end

  def self.describe(details)
    said = [details.http_status && "HTTP #{details.http_status}", details.service_code && "code #{details.service_code}"].compact
    text = details.operation.empty? ? +"" : +"#{details.operation}: "
    text << details.message
    text << " [#{said.join(', ')}]" unless said.empty?
    text << " The service says: #{details.service_message}" if details.service_message
    text << " Hint: #{details.hint}" unless details.hint.empty?
    text
  end
  private_class_method :describe

  # Durations are numbers of seconds.
  class RustBufferBuilder
    remove_method :write_Duration
    def write_Duration(seconds)
      whole, rest = seconds.divmod(1)
      pack_into(8, "Q>", whole)
      pack_into(4, "L>", (rest * 1_000_000_000).to_i)
    end
  end

  class RustBufferStream
    remove_method :read_Duration
    def read_Duration
      unpack_from(8, "q>") + (unpack_from(4, "L>") / 1_000_000_000.0)
    end
  end

  # In a forked child the thread is gone on which the gem `ffi` runs callbacks, and calls would wait for ever. Making any
  # callback starts it again.
  module AfterFork
    def uniffi_rust_call_async(*arguments)
      if @callbacks_of != Process.pid
        FFI::Function.new(:void, []) {}
        @callbacks_of = Process.pid
      end
      super
    end
  end
  singleton_class.prepend(AfterFork)
  private_constant :AfterFork

  # What every value of an open enumeration can do.
  module OpenEnumeration
    # The value as it stands on the wire.
    def to_s
      text
    end

    def inspect
      "#{self.class.superclass.name}(#{text.inspect})"
    end

    def eql?(other)
      self == other
    end

    def hash
      text.hash
    end
  end

  WIRE_VALUES.each do |type, values|
    values.each do |text, (variant, name)|
      variant.include(OpenEnumeration)
      variant.remove_method(:to_s)
      variant.define_method(:text) { text }
      type.define_singleton_method(name) { variant.new }
    end
    other = type.const_get(:OTHER)
    other.include(OpenEnumeration)
    other.remove_method(:to_s)
    type.define_singleton_method(:of) { |text| values.key?(text) ? values[text].first.new : other.new(text: text) }
  end

  # A record as a hash, such as for making a changed copy of it.
  module Fields
    # The fields by their names.
    def to_h
      instance_variables.to_h { |name| [name.to_s.delete_prefix("@").delete_prefix("_").to_sym, instance_variable_get(name)] }
    end

    # For `case … in`.
    def deconstruct_keys(_names)
      to_h
    end
  end

  # Records print their fields: without the JSON they came from, and without any value where one may be a credential.
  module PrintedRecord
    def inspect
      "#<#{self.class.name} #{to_h.except(:raw).map { |name, value| "#{name}=#{value.inspect}" }.join(', ')}>"
    end
  end

  module PrintedSecret
    def inspect
      set = to_h.reject { |_, value| [nil, false, [], {}].include?(value) }
      "#<#{self.class.name} #{set.keys.join(', ')}>"
    end
  end

  # UniFFI names the field `end` `_end`, as it does with all of Ruby's words.
  RECORDS.each do |type|
    reserved = type.instance_methods(false).grep(/\A_[a-z]/).to_h { |name| [name.to_s.delete_prefix("_").to_sym, name] }
    reserved.each { |plain, name| type.alias_method(plain, name) }
    next unless FIELDS.key?(type)

    type.define_singleton_method(:new) do |**fields|
      super(**Given.fields(type, fields).transform_keys { |name| reserved.fetch(name, name) })
    end
  end

  RECORDS.each { |type| type.include(Fields, WITH_SECRETS.include?(type) ? PrintedSecret : PrintedRecord) }

  # Results that come in pages are read once: record by record (they are Enumerable), or page by page.
  module Pages
    include Enumerable

    # Each record of the remaining pages. Fails at the end if some could not be read; `pages` has their JSON.
    def each(&block)
      return enum_for(:each) unless block

      failures = []
      pages.each do |page|
        failures.concat(page.failures)
        page.records.each(&block)
      end
      refuse(failures) unless failures.empty?
      self
    end

    # The remaining pages, one after the other.
    def pages
      Enumerator.new do |pages|
        while (page = next_page)
          pages << page
        end
      end
    end

    private

    UNEXPECTED_SHAPE = 1202
    private_constant :UNEXPECTED_SHAPE

    def refuse(failures)
      count = failures.one? ? "A record" : "#{failures.size} records"
      raise LpchatError::Decode.new(
        details: ErrorDetails.new(
          code: UNEXPECTED_SHAPE, name: "UnexpectedShape",
          message: "#{count} could not be read: #{failures.first.message} at #{failures.first.path}.",
          hint: "Read `pages`, whose pages have the JSON of each in `failures`.",
          retryable: false, operation: "", http_status: nil, service_code: nil, service_message: nil, attempts: 0,
          elapsed: 0.0, request_id: "", retry_after: nil, cause: nil
        )
      )
    end
  end

  PAGEABLE.each { |type| type.include(Pages) }

  # Streams of events are Enumerable. Each event is given once: a loop that was left goes on behind its last event.
  module Events
    include Enumerable

    # The events from here on, until the stream is over. What is there already costs no wait.
    def each
      return enum_for(:each) unless block_given?

      while (event = ready_event || next_event)
        yield event
      end
      self
    end
  end

  STREAMS.each { |type| type.include(Events) }

  # What gives something that ends with a scope takes a block, as `File.open` does: it gets the object, which is left when
  # the block ends, and gives what the block gives.
  def self.scoped(object, ending)
    before = $!
    begin
      yield object
    ensure
      failure = $!.equal?(before) ? nil : $!
      begin
        object.public_send(ending)
      rescue LpchatError
        # The block's own failure is the one to tell.
        raise unless failure
      end
    end
  end
  private_class_method :scoped

  SCOPED.each do |type, methods|
    scopes = Module.new do
      methods.each do |name, ending|
        define_method(name) do |*arguments, **keywords, &block|
          object = super(*arguments, **keywords)
          block && object ? Lpchat.send(:scoped, object, ending, &block) : object
        end
      end
    end
    type.prepend(scopes)
  end

  class Client
    # Yields a client and closes it afterwards.
    def self.open(options)
      client = new(options)
      begin
        yield client
      ensure
        client.close
      end
    end
  end
end
