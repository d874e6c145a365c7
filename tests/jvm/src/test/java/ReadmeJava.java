package lpchat.tests;

import java.time.Duration;
import java.time.Instant;
import lpchat.ChatEvent;
import lpchat.ChatRequest;
import lpchat.Client;
import lpchat.Engagement;
import lpchat.LpchatException;
import lpchat.Sandbox;
import lpchat.SearchQuery;
import lpchat.VisitorChat;

/** The Java quickstart of `bindings/uniffi/README.md`. */
public final class ReadmeJava {
    private ReadmeJava() {}

    public static void main() {
        try (Sandbox sandbox = Sandbox.start(); Client client = new Client(sandbox.getConfig())) {
            VisitorChat chat = client.visitor().startChat(ChatRequest.builder().skill("Sales").build());
            System.out.println(chat.retrieveInformation().getState());
            chat.endFuture().thenRun(() -> System.out.println("ended")).join();
            SearchQuery query = SearchQuery.builder().start(Instant.now().minus(Duration.ofDays(30))).end(Instant.now()).limit(5).build();
            for (Engagement engagement : client.history().search(query)) {
                System.out.println(engagement.getEngagementId());
            }
        } catch (LpchatException.Connection error) {
            System.err.println(error.getDetails().getHint());
        }
    }

    /** The chat of the Java section. */
    public static void chat(Client client) {
        try (VisitorChat chat = client.visitor().startChat(ChatRequest.builder().skill("Sales").build())) {
            chat.waitUntilAccepted(Duration.ofSeconds(30));
            chat.send("Bye");
            for (ChatEvent event : chat.events()) {
                System.out.println(event.getType().getText() + ": " + event.getText());
            }
        }
    }
}
