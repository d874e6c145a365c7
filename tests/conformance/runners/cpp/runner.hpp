// What every command of the C++ conformance runner has in common; the operations are in generated.hpp.
#pragma once

#include <lpchat.hpp>

#include <any>
#include <cstdio>

/// Writes one JSON document.
class writer {
public:
    std::string text;

    void raw(const std::string& value) {
        if (comma_) text += ',';
        text += value;
        comma_ = true;
    }
    void begin(char bracket) {
        raw(std::string(1, bracket));
        comma_ = false;
    }
    void end(char bracket) {
        text += bracket;
        comma_ = true;
    }
    void quoted(std::string_view value) {
        std::string escaped = "\"";
        for (char byte : value) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(byte));
            if (byte == '"' || byte == '\\') escaped += '\\';
            if (static_cast<unsigned char>(byte) < 0x20) escaped += code;
            else escaped += byte;
        }
        raw(escaped + '"');
    }
    void member(std::string_view name) {
        quoted(name);
        text += ':';
        comma_ = false;
    }

private:
    bool comma_ = false;
};

inline void write(writer& out, std::string_view value) { out.quoted(value); }
inline void write(writer& out, const std::string& value) { out.quoted(value); }
inline void write(writer& out, std::int64_t value) { out.raw(std::to_string(value)); }
inline void write(writer& out, std::int32_t value) { out.raw(std::to_string(value)); }
inline void write(writer& out, bool value) { out.raw(value ? "true" : "false"); }
inline void write(writer& out, double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", value);
    out.raw(text);
}
inline void write(writer& out, lpchat::timestamp value) { out.raw(std::to_string(value.milliseconds())); }
inline void write(writer& out, std::chrono::milliseconds value) { out.raw(std::to_string(value.count())); }
template <class T>
void write(writer& out, const std::optional<T>& value) {
    if (value) write(out, *value);
    else out.raw("null");
}
template <class T>
void write(writer& out, const lpchat::list<T>& values) {
    out.begin('[');
    for (const auto& value : values) write(out, value);
    out.end(']');
}

/// A document as it is, on one line.
struct document {
    std::optional<std::string> text;

    document(std::string_view json) : text(json) {}
    document(const std::string& json) : text(json) {}
    template <class T>
    document(const std::optional<T>& json) {
        if (json) text = std::string(*json);
    }
};
inline void write(writer& out, document value) {
    if (!value.text) return out.raw("null");
    // Outside of texts, where no line ends, one blank is as good as another.
    for (char& byte : *value.text)
        if (byte == '\n' || byte == '\r') byte = ' ';
    out.raw(*value.text);
}

/// The fields of a command by their path; those of the call's options begin with `?`.
class fields {
public:
    std::map<std::string, std::string> all;

    std::optional<std::string> at(const std::string& path) const {
        const auto found = all.find(path);
        return found == all.end() ? std::nullopt : std::optional<std::string>(found->second);
    }
    bool below(const std::string& path) const {
        const auto found = all.lower_bound(path + '.');
        return found != all.end() && found->first.compare(0, path.size() + 1, path + '.') == 0;
    }
    /// Whether there is a value, or any below it.
    bool has(const std::string& path) const { return path.empty() || path == "?" || at(path) || below(path); }
};

inline std::string join(const std::string& path, const std::string& name) {
    return path.empty() || path == "?" ? path + name : path + '.' + name;
}

inline bool take(const fields& from, const std::string& path, std::string& value) {
    const auto text = from.at(path);
    if (text) value = *text;
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, std::int64_t& value) {
    const auto text = from.at(path);
    if (text) value = std::stoll(*text);
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, std::int32_t& value) {
    const auto text = from.at(path);
    if (text) value = static_cast<std::int32_t>(std::stoll(*text));
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, double& value) {
    const auto text = from.at(path);
    if (text) value = std::stod(*text);
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, bool& value) {
    const auto text = from.at(path);
    if (text) value = *text == "true";
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, lpchat::timestamp& value) {
    const auto text = from.at(path);
    if (text) value = lpchat::timestamp::from_milliseconds(std::stoll(*text));
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, std::chrono::milliseconds& value) {
    const auto text = from.at(path);
    if (text) value = std::chrono::milliseconds(std::stoll(*text));
    return text.has_value();
}
template <class E>
bool take(const fields& from, const std::string& path, lpchat::open<E>& value) {
    const auto text = from.at(path);
    if (text) value = lpchat::open<E>(*text);
    return text.has_value();
}
inline bool take(const fields& from, const std::string& path, std::map<std::string, std::string>& values) {
    for (const auto& pair : from.all)
        if (pair.first.compare(0, path.size() + 1, path + '.') == 0) values[pair.first.substr(path.size() + 1)] = pair.second;
    return !values.empty();
}

/// Something to read an element into.
template <class T>
struct blank {
    static T make() { return T(); }
};
template <class E>
struct blank<lpchat::open<E>> {
    static lpchat::open<E> make() { return ""; }
};

template <class T>
bool take(const fields& from, const std::string& path, std::optional<T>& value) {
    // Records may hold records of their own kind.
    if (!from.has(path)) return false;
    T inner = blank<T>::make();
    const bool there = take(from, path, inner);
    if (there) value = std::move(inner);
    return there;
}
template <class T>
bool take(const fields& from, const std::string& path, std::vector<T>& values) {
    if (!from.has(path)) return false;
    T element = blank<T>::make();
    while (take(from, join(path, std::to_string(values.size())), element)) values.push_back(std::exchange(element, blank<T>::make()));
    return !values.empty();
}
template <class T>
T taken(const fields& from, const std::string& path) {
    T value = blank<T>::make();
    take(from, path, value);
    return value;
}

struct command {
    std::string operation, target, keep;
    fields given;
};

/// The objects that commands have given, and the answer to the present one.
class session {
public:
    writer out;

    template <class T>
    const T& get(const command& from) const {
        return **std::any_cast<std::shared_ptr<T>>(&objects_.at(from.target));
    }
    template <class T>
    void keep(const command& from, const char* kind, T object) {
        objects_[from.keep] = std::make_shared<T>(std::move(object));
        out.member("ok");
        out.begin('{');
        out.member("object");
        out.quoted(kind);
        out.end('}');
    }
    template <class T>
    void keep(const command& from, const char* kind, std::optional<T> object) {
        if (object) keep(from, kind, std::move(*object));
        else give_nothing();
    }
    template <class T>
    void give(const T& value) {
        // Written before the name, so that what throws on the way leaves nothing behind.
        writer inner;
        write(inner, value);
        out.member("ok");
        out.raw(inner.text);
    }
    void give_nothing() {
        out.member("ok");
        out.raw("null");
    }

private:
    std::map<std::string, std::any> objects_;
};

using operation = void (*)(session& held, const command& from);
