# frozen_string_literal: true

require "json"
require "time"

module Lpchat
  # Brings what users hand in into the form that the core takes: hashes stand for records, symbols and texts for values of
  # enumerations, dates and ISO texts for instants. What does not fit is refused by its name.
  module Given
    WHOLE_NUMBERS = (-2**63...2**63).freeze
    DATE = /\A\d{4}-\d\d-\d\d\z/
    OFFSET = /(Z|[+-]\d\d:\d\d)\z/

    class << self
      # An argument that must be there.
      def need(name, type, value)
        raise ArgumentError, "`#{name}` is missing" if value.nil?

        take(name, type, value)
      end

      # An argument that may be left out.
      def take(name, type, value)
        return if value.nil?

        case type
        when Array then list(name, type.first, value)
        when Symbol then send(type, name, value)
        else WIRE_VALUES.key?(type) ? enumeration(name, type, value) : record(name, type, value)
        end
      end

      # The options of a call: a record, a hash, or the call's own keywords.
      def options(options, keywords)
        take(:options, CallOptions, options || (keywords unless keywords.empty?))
      end

      # The fields of a record. What is nil has its default.
      def fields(type, given)
        given.compact.to_h do |name, value|
          known = FIELDS.fetch(type)[name]
          [name, known ? take(name, known, value) : value]
        end
      end

      private

      def refuse(name, value, wanted)
        raise TypeError, "`#{name}` is #{value.inspect}: it must be #{wanted}"
      end

      def list(name, type, value)
        refuse(name, value, "an Array") unless value.respond_to?(:to_ary)
        value.to_ary.each_with_index.map { |item, index| need("#{name}[#{index}]", type, item) }
      end

      def record(name, type, value)
        return value if value.is_a?(type)

        refuse(name, value, "a #{type} or a Hash of its fields") unless value.is_a?(Hash)
        type.new(**value.transform_keys(&:to_sym))
      end

      def enumeration(name, type, value)
        return value if value.is_a?(type)
        return type.of(value) if value.is_a?(String)

        names = WIRE_VALUES[type].values.map(&:last)
        refuse(name, value, "a #{type}, its text, or one of #{names.map(&:inspect).join(', ')}") unless names.include?(value)
        type.public_send(value)
      end

      def text(name, value)
        refuse(name, value, "a String") unless value.respond_to?(:to_str)
        Lpchat.uniffi_utf8(value)
      end

      def secret(name, value)
        raise TypeError, "`#{name}` must be a String" unless value.respond_to?(:to_str)

        Lpchat.uniffi_utf8(value)
      end

      def json(name, value)
        value.respond_to?(:to_str) ? text(name, value) : JSON.generate(value)
      end

      def whole(name, value)
        refuse(name, value, "an Integer") unless value.is_a?(Integer)
        raise RangeError, "`#{name}` is #{value}: it must fit in 64 bits" unless WHOLE_NUMBERS.cover?(value)

        value
      end

      def number(name, value)
        refuse(name, value, "a number") unless value.is_a?(Numeric)
        value.to_f
      end

      def truth(name, value)
        refuse(name, value, "true or false") unless [true, false].include?(value)
        value
      end

      def duration(name, value)
        refuse(name, value, "a number of seconds") unless value.is_a?(Numeric) && value.real?
        raise ArgumentError, "`#{name}` is #{value}: a duration is not negative or endless" unless value >= 0 && value.finite?

        value
      end

      def map(name, value)
        refuse(name, value, "a Hash") unless value.is_a?(Hash)
        value.to_h { |key, item| [key.to_s, text("#{name}[#{key.inspect}]", item)] }
      end

      def time(name, value)
        case value
        when Time then value
        when DATE then Time.iso8601("#{value}T00:00:00Z")
        when OFFSET then Time.iso8601(value)
        when String then raise ArgumentError, "no offset"
        else date(name, value)
        end
      rescue ArgumentError
        raise ArgumentError, "`#{name}` is #{value.inspect}, which names no instant: it must be a Time, a Date, or ISO 8601 text with an offset"
      end

      # A date begins at midnight UTC; whatever else becomes a Time is an instant.
      def date(name, value)
        return Time.utc(value.year, value.month, value.day) if value.respond_to?(:jd) && !value.respond_to?(:hour)

        refuse(name, value, "a Time, a Date, or ISO 8601 text with an offset") unless value.respond_to?(:to_time)
        value.to_time
      end
    end
  end
  private_constant :Given
end
