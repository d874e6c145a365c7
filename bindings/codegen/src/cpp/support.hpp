namespace lpchat {

class error;
template <class T>
class result;

/// An instant with milliseconds. It is a `std::chrono::system_clock::time_point` that can be read and written as text.
class timestamp : public std::chrono::system_clock::time_point {
public:
    constexpr timestamp() = default;
    constexpr timestamp(std::chrono::system_clock::time_point instant) : time_point(instant) {}

    /// From milliseconds since 1970-01-01T00:00:00Z.
    static constexpr timestamp from_milliseconds(std::int64_t milliseconds) {
        using std::chrono::duration_cast;
        return time_point(duration_cast<duration>(std::chrono::milliseconds(milliseconds)));
    }

    /// Reads an ISO 8601 text with an offset, or a date, which is its midnight UTC. Throws where it is neither.
    static timestamp parse(const std::string& text);

    /// Milliseconds since 1970-01-01T00:00:00Z.
    constexpr std::int64_t milliseconds() const {
        return std::chrono::floor<std::chrono::milliseconds>(time_since_epoch()).count();
    }

    /// ISO 8601 in UTC, such as `2026-03-01T08:30:00.000Z`.
    std::string to_string() const {
        char text[64];
        const std::size_t size = lpchat_timestamp_format(milliseconds(), text, sizeof text);
        return std::string(text, (std::min)(size, sizeof text - 1));
    }

    friend std::ostream& operator<<(std::ostream& stream, const timestamp& instant) { return stream << instant.to_string(); }
    friend std::ostream& operator<<(std::ostream& stream, const std::optional<timestamp>& instant) {
        return instant ? stream << *instant : stream << '-';
    }
};

/// A list inside a document. Its elements are made as they are asked for; they keep the document alive.
template <class T>
class list {
public:
    using value_type = T;
    using reader = T (*)(const std::shared_ptr<const void>& owner, const void* holder, std::size_t index);

    list(std::shared_ptr<const void> owner, const void* holder, std::size_t size, reader read)
        : owner_(std::move(owner)), holder_(holder), size_(size), read_(read) {}

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    T operator[](std::size_t index) const { return read_(owner_, holder_, index); }
    T at(std::size_t index) const {
        if (index >= size_) throw std::out_of_range("lpchat: a list has " + std::to_string(size_) + " elements");
        return (*this)[index];
    }
    T front() const { return at(0); }
    T back() const { return at(size_ - 1); }

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using reference = T;
        struct pointer {
            T value;
            T* operator->() { return &value; }
        };

        iterator(const list* of, std::size_t index) : of_(of), index_(index) {}
        T operator*() const { return (*of_)[index_]; }
        pointer operator->() const { return {(*of_)[index_]}; }
        iterator& operator++() {
            ++index_;
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++index_;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) { return a.index_ == b.index_; }
        friend bool operator!=(const iterator& a, const iterator& b) { return a.index_ != b.index_; }

    private:
        const list* of_;
        std::size_t index_;
    };
    using const_iterator = iterator;
    iterator begin() const { return iterator(this, 0); }
    iterator end() const { return iterator(this, size_); }

private:
    std::shared_ptr<const void> owner_;
    const void* holder_;
    std::size_t size_;
    reader read_;
};

namespace detail {

using owner = std::shared_ptr<const void>;

/// Takes over what a function gave.
template <class T>
owner own(T* given, void (*release)(T*)) {
    return std::shared_ptr<T>(given, release);
}

/// A document, or one inside another, which it keeps alive.
template <class T>
class document {
public:
    document(owner root, const T* record) : root_(std::move(root)), record_(record) {}

    /// The document in C; it lives as long as this object or a copy of it.
    const T* get() const noexcept { return record_; }

protected:
    const owner& root() const noexcept { return root_; }

private:
    owner root_;
    const T* record_;
};

/// A document inside another that may be absent.
template <class Class, class T>
std::optional<Class> optional_document(const owner& root, const T* record) {
    return record == nullptr ? std::nullopt : std::optional<Class>(Class(root, record));
}

/// A handle that is freed with its object.
template <class T, std::int32_t (*Free)(T*)>
class handle {
public:
    explicit handle(T* given = nullptr) noexcept : handle_(given) {}
    handle(handle&& other) noexcept : handle_(other.release()) {}
    handle& operator=(handle&& other) noexcept {
        if (this != &other) {
            Free(handle_);
            handle_ = other.release();
        }
        return *this;
    }
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;

    /// The handle in C; it stays this object's.
    const T* get() const noexcept { return handle_; }
    /// The handle in C, which the caller frees from now on.
    T* release() noexcept { return std::exchange(handle_, nullptr); }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

protected:
    ~handle() { Free(handle_); }

private:
    T* handle_;
};

/// So long a destructor waits for the service at most.
constexpr std::int64_t scope_end_ms = 5000;

/// A handle of what ends with its scope: the destructor calls `End` and ignores its failure.
template <class T, std::int32_t (*Free)(T*), std::int32_t (*End)(const T*, const lpchat_call_options*, lpchat_error**)>
class scoped_handle : public handle<T, Free> {
public:
    /// `ends` is false for what somebody else ends.
    explicit scoped_handle(T* given = nullptr, bool ends = true) noexcept : handle<T, Free>(given), ends_(ends) {}
    scoped_handle(scoped_handle&&) noexcept = default;
    scoped_handle& operator=(scoped_handle&& other) noexcept {
        if (this != &other) {
            end();
            ends_ = other.ends_;
            handle<T, Free>::operator=(std::move(other));
        }
        return *this;
    }

protected:
    ~scoped_handle() { end(); }

private:
    void end() noexcept {
        if (!ends_ || !*this) return;
        lpchat_call_options* options = lpchat_call_options_new();
        lpchat_call_options_set_timeout_ms(options, scope_end_ms);
        static_cast<void>(End(this->get(), options, nullptr));
        lpchat_call_options_free(options);
    }

    bool ends_;
};

/// A request in C, made for one call.
template <class T>
using builder = std::unique_ptr<T, void (*)(T*)>;

inline std::string_view text(const char* begin, std::size_t size) {
    return begin == nullptr ? std::string_view() : std::string_view(begin, size);
}
inline std::optional<std::string_view> optional_text(const char* begin, std::size_t size) {
    return begin == nullptr ? std::nullopt : std::optional<std::string_view>(std::string_view(begin, size));
}
template <class T, class C>
std::optional<T> unless_absent(C value, C absent) {
    return value == absent ? std::nullopt : std::optional<T>(T(value));
}
inline std::optional<double> unless_absent(double value) {
    return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}
inline std::optional<bool> truth(std::int32_t value) { return value < 0 ? std::nullopt : std::optional<bool>(value != 0); }
inline std::optional<timestamp> instant(std::int64_t value) {
    return value == LPCHAT_ABSENT ? std::nullopt : std::optional<timestamp>(timestamp::from_milliseconds(value));
}

/// A text for C. A NUL inside, which would end it early, becomes a byte that lpchat refuses, naming its place.
class c_text {
public:
    c_text(const std::string& text) : text_(text), given_(true) { std::replace(text_.begin(), text_.end(), '\0', '\xFF'); }
    c_text(const std::optional<std::string>& text) : c_text(text.value_or(std::string())) { given_ = text.has_value(); }
    operator const char*() const noexcept { return given_ ? text_.c_str() : nullptr; }

private:
    std::string text_;
    bool given_;
};

/// Texts for C, one after another.
class c_texts {
public:
    c_texts(const std::vector<std::string>& texts)
        : texts_(texts.begin(), texts.end()), pointers_(texts_.begin(), texts_.end()) {}
    const char* const* data() const noexcept { return pointers_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

private:
    std::vector<c_text> texts_;
    std::vector<const char*> pointers_;
};

inline std::int64_t c_milliseconds(const std::optional<timestamp>& instant) {
    return instant ? instant->milliseconds() : LPCHAT_ABSENT;
}
inline std::int64_t c_milliseconds(const std::optional<std::chrono::milliseconds>& duration) {
    return duration ? static_cast<std::int64_t>(duration->count()) : LPCHAT_ABSENT;
}

/// The text of a result of its own, copied.
inline std::optional<std::string> take(lpchat_text* given) {
    const owner keeper = own(given, lpchat_text_free);
    if (given == nullptr) return std::nullopt;
    return std::string(lpchat_text_value(given), lpchat_text_value_len(given));
}

}  // namespace detail

/// The version of the library that is loaded.
inline std::string_view version() { return lpchat_version(); }

/// Cancels the calls whose options name it. Once cancelled it stays so. May be used from any thread.
class call : public detail::handle<lpchat_call, lpchat_call_free> {
public:
    call() : handle(make()) {}

    /// Cancels all calls in flight that carry it, and those to come.
    void cancel() const noexcept { lpchat_call_cancel(get()); }
    bool is_cancelled() const noexcept { return lpchat_call_is_cancelled(get()) == 1; }

private:
    static lpchat_call* make() {
        lpchat_call* made = nullptr;
        if (lpchat_call_new(&made, nullptr) != LPCHAT_OK) throw std::bad_alloc();
        return made;
    }
};

/// A table as an Arrow stream. It releases the stream, unless `release` has handed it over.
class arrow_stream {
public:
    /// A stream that is over; functions of lpchat fill it.
    arrow_stream() noexcept : stream_() {}
    arrow_stream(arrow_stream&& other) noexcept : stream_(other.release()) {}
    arrow_stream& operator=(arrow_stream&& other) noexcept {
        if (this != &other) {
            close();
            stream_ = other.release();
        }
        return *this;
    }
    arrow_stream(const arrow_stream&) = delete;
    arrow_stream& operator=(const arrow_stream&) = delete;
    ~arrow_stream() { close(); }

    /// The stream in C, for what reads it where it is, or moves it out, as `arrow::ImportRecordBatchReader` does.
    ArrowArrayStream* get() noexcept { return &stream_; }
    /// The stream in C, whose `release` the caller calls from now on.
    ArrowArrayStream release() noexcept {
        const ArrowArrayStream given = stream_;
        stream_ = ArrowArrayStream();
        return given;
    }
    explicit operator bool() const noexcept { return stream_.release != nullptr; }

private:
    void close() noexcept {
        if (stream_.release != nullptr) stream_.release(&stream_);
    }

    ArrowArrayStream stream_;
};

}  // namespace lpchat
