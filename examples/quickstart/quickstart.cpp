#include <lpchat.hpp>
#include <iostream>

int main(int argc, char** argv) {
    lpchat::client_options options;
    if (argc > 1) options.sandbox = argv[1];
    const lpchat::client client{options};

    lpchat::chat_request request;
    request.skill = "Sales";
    const auto chat = client.visitor().start_chat(request);
    std::cout << chat.retrieve_information().state_text().value_or("-") << '\n';
}
