import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import lpchat.CallOptions;
import lpchat.ChatRequest;
import lpchat.ChatState;
import lpchat.Client;
import lpchat.ClientOptions;
import lpchat.Engagement;
import lpchat.LineRequest;
import lpchat.LineSource;
import lpchat.LpchatException;
import lpchat.Sandbox;
import lpchat.SearchQuery;
import lpchat.VisitorChat;
import org.junit.jupiter.api.Test;

/** What a Java program writes: builders, overloads, futures, unchecked exceptions, for-each. */
class FromJavaTest {
    private static final Map<String, String> HURRY = Map.of("agent_accept_ms", "60", "agent_answer_ms", "30");

    @Test
    void aChatWithBlockingCalls() throws InterruptedException {
        try (Sandbox sandbox = Sandbox.start(7L, 0, null, HURRY); Client client = new Client(sandbox.getConfig())) {
            VisitorChat chat = client.visitor().startChat(ChatRequest.builder().skill("Sales").preChatLines("Order 42").build());
            while (chat.retrieveInformation().getState() != ChatState.Chatting.INSTANCE) {
                Thread.sleep(10);
            }
            chat.addLine("Where is it?");
            assertTrue(chat.retrieveEvents(0L).getEvents().stream().anyMatch(event -> LineSource.of("visitor").equals(event.getSource())));
            chat.end();
            assertEquals("ended", chat.retrieveInformation().getState().getText());
        }
    }

    @Test
    void aChatWithFutures() throws Exception {
        try (Sandbox sandbox = Sandbox.start(7L, 0, null, HURRY); Client client = new Client(sandbox.getConfig())) {
            ChatRequest request = ChatRequest.builder().skill("Sales").build();
            String id = client.visitor().startChatFuture(request)
                .thenCompose(chat -> chat.endFuture().thenApply(nothing -> chat.id()))
                .get(10, TimeUnit.SECONDS);
            assertTrue(id.startsWith("H"));
            CompletionException error = assertThrows(CompletionException.class, () -> client.visitor().chat(id).addLineFuture("late").join());
            assertEquals("NotChatting", assertInstanceOf(LpchatException.ChatState.class, error.getCause()).getDetails().getName());
        }
    }

    @Test
    void aSearchOfHistory() {
        try (Sandbox sandbox = Sandbox.start(7L); Client client = new Client(ClientOptions.builder().sandbox(sandbox.getLine()).build())) {
            Instant now = Instant.now();
            SearchQuery query = SearchQuery.builder().start(now.minus(Duration.ofDays(30))).end(now).limit(25).pageSize(10).build();
            ArrayList<String> ids = new ArrayList<>();
            for (Engagement engagement : client.history().search(query)) {
                ids.add(engagement.getEngagementId());
            }
            assertEquals(25, ids.size());
            client.history().search(query).pages().forEach(page -> assertTrue(page.getRecords().size() <= 10));
        }
    }

    @Test
    void exceptionsAreUncheckedAndCarryTheirDetails() {
        Client client = new Client(ClientOptions.builder().accountId("12345678").appKey("key").build());
        try {
            client.visitor().startChat(ChatRequest.builder().agent("a").skill("b").build(), CallOptions.builder().retries(0).build());
            throw new AssertionError("not refused");
        } catch (LpchatException.Configuration error) {
            assertEquals("InvalidArgument", error.getDetails().getName());
            assertTrue(error.getMessage().contains("`agent`"), error.getMessage());
        }
        assertEquals("x", LineRequest.builder("x").metadata("[]").build().getText());
    }
}
