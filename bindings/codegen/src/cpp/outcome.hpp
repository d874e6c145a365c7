namespace lpchat {

namespace detail {

/// What an error says, whatever is left of it.
inline std::string error_text(const owner& held, const lpchat_error* error, std::int32_t code) {
    if (!held) return std::string("lpchat: ") + lpchat_code_name(code);
    return std::string(text(lpchat_error_text(error), lpchat_error_text_len(error)));
}

[[noreturn]] void raise(std::int32_t code, const owner& held, const lpchat_error* error);

/// Takes over the error of a call that failed.
struct failure {
    std::int32_t code = LPCHAT_OK;
    const lpchat_error* error = nullptr;
    owner held;

    failure() = default;
    failure(std::int32_t number, lpchat_error* given) : code(number), error(given) {
        if (given != nullptr) held = own(given, lpchat_error_free);
    }
};

}  // namespace detail

/// What a call gave: a value, or a code with what is known about the error. The twins `try_…` of all calls return it and
/// throw nothing of lpchat's.
template <class T>
class [[nodiscard]] result {
public:
    result(T value) : value_(std::move(value)) {}
    result(detail::failure failed) : failed_(std::move(failed)) {}

    explicit operator bool() const noexcept { return value_.has_value(); }
    bool has_value() const noexcept { return value_.has_value(); }
    /// `error_code::ok`, or what went wrong.
    error_code code() const noexcept { return static_cast<error_code>(failed_.code); }

    /// The value; throws the error where there is none.
    T& value() & {
        check();
        return *value_;
    }
    const T& value() const& {
        check();
        return *value_;
    }
    T&& value() && {
        check();
        return std::move(*value_);
    }
    T& operator*() & { return *value_; }
    const T& operator*() const& { return *value_; }
    T&& operator*() && { return std::move(*value_); }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }

    /// What is known about the error; nothing where there is none.
    std::optional<error_details> details() const {
        if (!failed_.held) return std::nullopt;
        return error_details(failed_.held, failed_.error);
    }
    /// The error in one text; empty where there is none.
    std::string message() const {
        return value_ ? std::string() : detail::error_text(failed_.held, failed_.error, failed_.code);
    }

private:
    void check() const {
        if (!value_) detail::raise(failed_.code, failed_.held, failed_.error);
    }

    std::optional<T> value_;
    detail::failure failed_;
};

/// What a call gave that gives nothing.
template <>
class [[nodiscard]] result<void> {
public:
    result() = default;
    result(detail::failure failed) : failed_(std::move(failed)) {}

    explicit operator bool() const noexcept { return failed_.code == LPCHAT_OK; }
    bool has_value() const noexcept { return failed_.code == LPCHAT_OK; }
    error_code code() const noexcept { return static_cast<error_code>(failed_.code); }
    /// Throws the error, if there is one.
    void value() const {
        if (!*this) detail::raise(failed_.code, failed_.held, failed_.error);
    }
    std::optional<error_details> details() const {
        if (!failed_.held) return std::nullopt;
        return error_details(failed_.held, failed_.error);
    }
    std::string message() const {
        return *this ? std::string() : detail::error_text(failed_.held, failed_.error, failed_.code);
    }

private:
    detail::failure failed_;
};

inline timestamp timestamp::parse(const std::string& text) {
    std::int64_t milliseconds = 0;
    lpchat_error* error = nullptr;
    const std::int32_t code = lpchat_timestamp_parse(detail::c_text(text), &milliseconds, &error);
    if (code != LPCHAT_OK) result<void>(detail::failure(code, error)).value();
    return from_milliseconds(milliseconds);
}

/// How important a log record is.
enum class log_level : std::int32_t {
    debug = LPCHAT_LOG_DEBUG,
    info = LPCHAT_LOG_INFO,
    warning = LPCHAT_LOG_WARNING,
    error = LPCHAT_LOG_ERROR,
};

namespace detail {

using log_receiver = std::function<void(log_level, std::string_view)>;

inline void receive_log(void* receiver, std::int32_t level, const char* message, std::size_t size) noexcept {
    (*static_cast<log_receiver*>(receiver))(static_cast<log_level>(level), std::string_view(message, size));
}

}  // namespace detail

/// Hands log records of `level` and above to `receiver`; an empty one stops it. The receiver runs only on threads that are
/// inside a function of lpchat, one at a time, and never again once this function has returned with another one. It must
/// not throw and must not call this function.
inline void set_log(detail::log_receiver receiver, log_level level = log_level::warning) {
    static std::mutex changing;
    // Never destroyed: other threads may be inside a function of lpchat while the process ends.
    static detail::log_receiver& current = *new detail::log_receiver;
    const std::lock_guard<std::mutex> guard(changing);
    lpchat_set_log(nullptr, 0, nullptr);
    current = std::move(receiver);
    if (current) lpchat_set_log(detail::receive_log, static_cast<std::int32_t>(level), &current);
}

namespace detail {

/// Iterates over what hands out one item after the other. `Next` asks for the next one.
template <class Source, class Item, class Next>
class source_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = const Item*;
    using reference = const Item&;

    explicit source_iterator(const Source* source) : source_(source) { next(); }
    source_iterator() = default;
    const Item& operator*() const { return *item_; }
    const Item* operator->() const { return &*item_; }
    source_iterator& operator++() {
        next();
        return *this;
    }
    friend bool operator==(const source_iterator& a, const source_iterator& b) {
        return a.item_.has_value() == b.item_.has_value();
    }
    friend bool operator!=(const source_iterator& a, const source_iterator& b) { return !(a == b); }

private:
    void next() { item_ = Next()(*source_); }

    const Source* source_ = nullptr;
    std::optional<Item> item_;
};

struct next_page {
    template <class Source>
    auto operator()(const Source& source) const {
        return source.next_page();
    }
};

/// What is there already costs no wait.
struct next_event {
    template <class Source>
    auto operator()(const Source& source) const {
        auto event = source.ready_event();
        return event ? event : source.next_event();
    }
};

template <class Source, class Page>
using page_iterator = source_iterator<Source, Page, next_page>;
template <class Source, class Event>
using event_iterator = source_iterator<Source, Event, next_event>;

/// The pages of a search, one call each. Iterate once.
template <class Source, class Page>
class page_range {
public:
    explicit page_range(const Source* source) : source_(source) {}
    page_iterator<Source, Page> begin() const { return page_iterator<Source, Page>(source_); }
    page_iterator<Source, Page> end() const { return page_iterator<Source, Page>(); }

private:
    const Source* source_;
};

/// Records that could not be read.
struct unreadable {
    std::size_t count = 0;
    std::string first;

    template <class Failures>
    void note(const Failures& failures) {
        for (const auto& failure : failures) {
            if (count++ == 0) first = std::string(failure.message()) + " at " + std::string(failure.path());
        }
    }
    void complain() const;
};

/// Iterates over the records of all pages. `Pages` says what they are. When every readable record was handed out, it throws
/// where some were not readable.
template <class Pages>
class record_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = typename Pages::record;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    explicit record_iterator(const typename Pages::source* source) : pages_(source) {
        enter();
        settle();
    }
    record_iterator() = default;
    reference operator*() const { return *record_; }
    pointer operator->() const { return &*record_; }
    record_iterator& operator++() {
        ++index_;
        settle();
        return *this;
    }
    friend bool operator==(const record_iterator& a, const record_iterator& b) {
        return a.record_.has_value() == b.record_.has_value();
    }
    friend bool operator!=(const record_iterator& a, const record_iterator& b) { return !(a == b); }

private:
    using iterator = page_iterator<typename Pages::source, typename Pages::page>;

    void enter() {
        index_ = 0;
        if (pages_ != iterator()) Pages::note(*pages_, unreadable_);
    }

    /// Goes to the next page that has a record left, and reads the record.
    void settle() {
        record_.reset();
        while (pages_ != iterator()) {
            const list<value_type> records = Pages::records(*pages_);
            if (index_ < records.size()) {
                record_.emplace(records[index_]);
                return;
            }
            ++pages_;
            enter();
        }
        unreadable_.complain();
    }

    iterator pages_;
    std::size_t index_ = 0;
    std::optional<value_type> record_;
    unreadable unreadable_;
};

}  // namespace detail

}  // namespace lpchat
