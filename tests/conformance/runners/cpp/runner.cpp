// The conformance runner of lpchat for C++. `../../README.md` describes what it reads and prints.
#include "runner.hpp"

#include <iostream>

#include "generated.hpp"

namespace {

std::string unescape(const std::string& text) {
    std::string plain;
    for (std::size_t index = 0; index < text.size(); index++) {
        char byte = text[index];
        if (byte == '\\' && index + 1 < text.size()) {
            const char next = text[++index];
            byte = next == 't' ? '\t' : next == 'n' ? '\n' : next;
        }
        plain += byte;
    }
    return plain;
}

command parse(const std::string& line) {
    command parsed;
    std::size_t begin = 0;
    while (begin <= line.size()) {
        const std::size_t end = std::min(line.find('\t', begin), line.size());
        const std::string field = unescape(line.substr(begin, end - begin));
        const std::size_t equals = field.find('=');
        const std::string key = field.substr(0, equals), value = begin == 0 ? "" : field.substr(equals + 1);
        if (begin == 0) parsed.operation = field;
        else if (key == "@") parsed.target = value;
        else if (key == ">") parsed.keep = value;
        else parsed.given.all[key] = value.substr(2);
        begin = end + 1;
    }
    return parsed;
}

// Where the driver searches for secrets.
void write_log(void*, std::int32_t, const char* message, std::size_t) { std::cerr << "log " << message << '\n'; }

void answer(session& held, const std::string& line) {
    const command parsed = parse(line);
    held.out = writer();
    held.out.begin('{');
    try {
        operations().at(parsed.operation)(held, parsed);
    } catch (const lpchat::error& error) {
        write_log(nullptr, 0, error.what(), 0);
        held.out = writer();
        held.out.begin('{');
        held.out.member("error");
        held.out.begin('{');
        held.out.member("family");
        held.out.quoted(to_string(error.family()));
        if (error.details().get() == nullptr) {
            // That nothing came is a code alone.
            held.out.member("name");
            held.out.quoted(error.name());
            held.out.member("retryable");
            write(held.out, error.retryable());
        } else {
            write_members(held.out, error.details());
        }
        held.out.end('}');
    }
    held.out.end('}');
    std::cout << held.out.text << std::endl;
}

}  // namespace

int main() {
    lpchat_set_log(write_log, LPCHAT_LOG_DEBUG, nullptr);
    session held;
    std::string line;
    while (std::getline(std::cin, line)) answer(held, line);
}
