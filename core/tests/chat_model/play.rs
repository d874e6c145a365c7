//! One seed from its first request to the comparison with what the sandbox has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lpchat::{AgentSession, ChatRequest, Client, ClientOptions, Code, Result, VisitorChat};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::check;
use crate::desk::{AGENTS, client_of, options};
use crate::party::{Handle, Party};
use crate::record::{Outcome, Shared};
use crate::sandbox::Sandbox;
use crate::script::{Action, ChatScript, Closing, Ending, Plan, Script, USERS};

/// Whatever goes wrong, a chat comes to its end in this time: a stream that was never answered waits for twice 40 s.
const LIMIT: Duration = Duration::from_secs(120);

/// What the chats of a seed share.
pub struct Seed {
    sandbox: Arc<Sandbox>,
    closing: Closing,
    visitors: Client,
    /// Clients of visitors who resumed a chat.
    others: Mutex<Vec<Client>>,
    agents: [Mutex<Option<AgentSession>>; USERS],
    agent_clients: Mutex<Vec<Client>>,
}

/// A chat between its last action and its end.
struct Left {
    id: String,
    visitor: Party,
    agent: Option<Party>,
    ending: Ending,
    late: bool,
}

/// Runs a seed's script; gives what did not agree.
pub async fn play(sandbox: Arc<Sandbox>, script: &Script, mark: &str) -> Vec<String> {
    let seed = Arc::new(Seed {
        visitors: visitors(&sandbox, script.closing),
        closing: script.closing,
        others: Mutex::default(),
        agents: Default::default(),
        agent_clients: Mutex::default(),
        sandbox,
    });
    let mut complaints = Vec::new();
    let chats = script.chats.iter().enumerate().map(|(number, chat)| {
        let (seed, mark) = (Arc::clone(&seed), format!("{mark}-{number}"));
        async move { seed.chat(chat, &mark).await }
    });
    let mut left = Vec::new();
    for outcome in all(chats).await {
        match outcome {
            Ok(Some(chat)) => left.push(chat),
            Ok(None) => {}
            Err(complaint) => complaints.push(complaint),
        }
    }
    complaints.extend(seed.close(left).await);
    complaints
}

/// Runs all at once.
async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(move |context| {
        for (future, output) in &mut futures {
            if output.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if futures.iter().any(|(_, output)| output.is_none()) {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(std::mem::take(&mut futures).into_iter().filter_map(|(_, output)| output).collect())
    })
    .await
}

fn visitors(sandbox: &Sandbox, closing: Closing) -> Client {
    let choice = if closing == Closing::End { "end" } else { "save" };
    Client::new(ClientOptions { chats_on_close: Some(choice.into()), ..options(sandbox) }).unwrap()
}

impl Seed {
    async fn admin(&self, method: &'static str, path: String, body: Value) -> Value {
        let sandbox = Arc::clone(&self.sandbox);
        tokio::task::spawn_blocking(move || sandbox.admin(method, &path, &body)).await.unwrap()
    }

    async fn harm(&self, faults: &[Plan], about: &str) {
        if faults.is_empty() {
            return;
        }
        let about = |plan: &Plan| {
            let mut plan = plan.0.clone();
            plan["contains"] = about.into();
            plan
        };
        self.admin("POST", "/admin/faults".to_owned(), faults.iter().map(about).collect()).await;
    }

    async fn truth(&self, id: &str) -> Value {
        self.admin("GET", format!("/admin/chats?chat={id}"), Value::Null).await[0].take()
    }

    /// Who serves the chat, once somebody does; nothing when it is over.
    async fn served_by(&self, id: &str) -> Option<usize> {
        let begun = Instant::now();
        loop {
            let truth = self.truth(id).await;
            match truth["state"].as_str() {
                Some("chatting") => return AGENTS.iter().position(|(nickname, ..)| truth["agent"] == *nickname),
                Some("waiting") if begun.elapsed() < LIMIT => tokio::time::sleep(Duration::from_millis(20)).await,
                _ => return None,
            }
        }
    }

    async fn session(&self, agent: usize, anew: bool) -> Result<AgentSession> {
        let mut slot = self.agents[agent].lock().await;
        if !anew && let Some(session) = &*slot {
            return Ok(session.clone());
        }
        let client = client_of(&self.sandbox, agent);
        let session = client.agent().start_session_async(None).await?;
        self.agent_clients.lock().await.push(client);
        *slot = Some(session.clone());
        Ok(session)
    }

    /// Starts a chat and plays it to where only its end is missing.
    async fn chat(&self, script: &ChatScript, mark: &str) -> Result<Option<Left>, String> {
        self.harm(&script.start_faults, mark).await;
        let request = ChatRequest {
            agent: Some(AGENTS[script.agent].1.into()),
            chat_referrer: Some(mark.into()),
            interaction_timeout_seconds: Some(script.idle_limit),
            ..ChatRequest::default()
        };
        let started = self.visitors.visitor().start_chat_async(request, None).await;
        let known = self.admin("GET", format!("/admin/chats?referrer={mark}"), Value::Null).await;
        let there = known.as_array().unwrap().len();
        let chat: VisitorChat = match started {
            Ok(chat) if there == 1 => chat,
            // It may be in the queue, where it expires.
            Err(error) if there == 0 || (there == 1 && may_have_happened(error.code())) => return Ok(None),
            other => return Err(format!("{there} chats were started: {other:?}")),
        };
        let id = chat.id().to_string();
        self.harm(&script.faults, &id).await;
        let mut visitor = Party::new(Handle::Visitor(chat.clone()), Shared::default(), false);
        if let Some((text, queue)) = &script.early {
            visitor.send_early(text, *queue);
        }
        let accepted = chat.wait_until_accepted_async(Some(LIMIT), None).await;
        drop(chat);
        if !matches!(accepted, Ok(true)) {
            // It has ended before its time, as chats do whose requests fail.
            return Ok(Some(Left { id, visitor, agent: None, ending: script.ending, late: script.has_late_lines() }));
        }
        let agent = match self.served_by(&id).await {
            Some(agent) => Some(self.agent(&id, agent, Shared::default()).await?),
            None => None,
        };
        let visiting = async {
            let mut visitor = visitor;
            for action in &script.visitor {
                visitor = self.visit(visitor, action).await?;
            }
            Ok::<_, String>(visitor)
        };
        let serving = async {
            let mut agent = agent;
            for action in &script.agents {
                let Some(party) = agent.take() else { break };
                agent = Some(self.serve(&id, party, action).await?);
            }
            Ok::<_, String>(agent)
        };
        let (visitor, agent) = tokio::join!(visiting, serving);
        Ok(Some(Left { id, visitor: visitor?, agent: agent?, ending: script.ending, late: script.has_late_lines() }))
    }

    async fn agent(&self, id: &str, agent: usize, record: Shared) -> Result<Party, String> {
        let session = self.session(agent, false).await.map_err(|error| format!("no session: {error:?}"))?;
        let chat = Arc::unwrap_or_clone(session.chat(id.into()).map_err(|error| format!("{error:?}"))?.into());
        Ok(Party::new(Handle::Agent(chat, agent), record, false))
    }

    async fn visit(&self, visitor: Party, action: &Action) -> Result<Party, String> {
        let Action::Resume { elsewhere, sending } = action else {
            visitor.act(action).await;
            return Ok(visitor);
        };
        let resume = async |document: &str, _: &Handle| {
            let client = if *elsewhere { visitors(&self.sandbox, self.closing) } else { self.visitors.clone() };
            let chat = client.visitor().resume(document.into())?;
            if *elsewhere {
                self.others.lock().await.push(client);
            }
            Ok(Handle::Visitor(chat))
        };
        visitor
            .resume(*elsewhere, sending.as_ref(), resume)
            .await
            .map_err(|error| format!("the visitor cannot resume: {error:?}"))
    }

    async fn serve(&self, id: &str, party: Party, action: &Action) -> Result<Party, String> {
        match action {
            Action::Transfer(target) => {
                let Handle::Agent(chat, _) = &party.handle else { unreachable!("agents transfer") };
                let outcome = match target {
                    Some(agent) => chat.transfer_to_agent_async(AGENTS[*agent].2.into(), None, None).await,
                    None => chat.transfer_to_skill_async("26239213".into(), None, None).await,
                };
                let refused = outcome.is_err_and(|error| !may_have_happened(error.code()));
                let Some(next) = self.served_by(id).await.filter(|_| !refused) else { return Ok(party) };
                let record = party.record.clone();
                party.leave().await;
                self.agent(id, next, record).await
            }
            Action::Resume { elsewhere, sending } => {
                let resume = async |document: &str, handle: &Handle| {
                    let agent = handle.agent().unwrap_or_default();
                    let session = self.session(agent, *elsewhere).await?;
                    Ok(Handle::Agent(Arc::unwrap_or_clone(session.resume(document.into())?.into()), agent))
                };
                party
                    .resume(*elsewhere, sending.as_ref(), resume)
                    .await
                    .map_err(|error| format!("the agent cannot resume: {error:?}"))
            }
            action => {
                party.act(action).await;
                Ok(party)
            }
        }
    }

    /// Brings all chats to their end, and compares.
    async fn close(self: Arc<Self>, left: Vec<Left>) -> Vec<String> {
        let mut complaints = Vec::new();
        for chat in &left {
            complaints.extend(self.end(chat).await);
        }
        let mut saved = Vec::new();
        let others = std::mem::take(&mut *self.others.lock().await);
        for client in others.iter().chain([&self.visitors]) {
            if left.iter().any(|chat| matches!(chat.ending, Ending::Close { .. })) {
                if let Err(error) = client.close_async(Some(Duration::from_millis(40)), None).await {
                    complaints.push(format!("closing: {error:?}"));
                }
                saved.extend(client.saved_chats());
            }
        }
        let heir = visitors(&self.sandbox, self.closing);
        for chat in left {
            let document = saved.iter().find(|saved| saved.id == *chat.id).map(|saved| saved.document.to_string());
            complaints.extend(self.finish(chat, document, &heir).await);
        }
        for client in self.agent_clients.lock().await.drain(..) {
            // The chats are over, and a logout that fails is nobody's loss.
            let _ = client.close_async(None, None).await;
        }
        complaints
    }

    async fn end(&self, chat: &Left) -> Option<String> {
        let party = match chat.ending {
            Ending::Visitor => &chat.visitor,
            Ending::Agent => chat.agent.as_ref().unwrap_or(&chat.visitor),
            Ending::Close { sending } => {
                if sending {
                    let (line, record) = (chat.visitor.record.sends("the last line"), chat.visitor.record.clone());
                    let call = chat.visitor.handle.send("the last line", false, false);
                    tokio::spawn(async move { record.came_to(line, Outcome::of(&call.await)) });
                }
                return None;
            }
            Ending::Silence => {
                let silence = |route: &str| Plan(json!({ "route": route, "ratio": 1.0, "action": { "status": 503 } }));
                self.harm(&["visitor.chat", "visitor.info"].map(silence), &chat.id).await;
                return None;
            }
        };
        party.end().await
    }

    /// Waits until nobody hears anything more of the chat, and compares.
    async fn finish(&self, chat: Left, document: Option<String>, heir: &Client) -> Vec<String> {
        let Left { id, visitor, agent, ending, late } = chat;
        let record = visitor.record.clone();
        let mut complaints = Vec::new();
        if let Ending::Close { .. } = ending {
            visitor.finish(LIMIT).await;
            if let Some(document) = document.filter(|_| self.closing != Closing::Abandon) {
                let chat = heir.visitor().resume(document.into()).unwrap();
                let visitor = Party::new(Handle::Visitor(chat), record.clone(), true);
                visitor.send("another client goes on", false).await;
                complaints.extend(visitor.end().await);
                visitor.finish(LIMIT).await;
            }
        } else {
            visitor.finish(LIMIT).await;
        }
        let agent_record = agent.as_ref().map(|agent| agent.record.clone());
        if let Some(agent) = agent {
            agent.finish(LIMIT).await;
        }
        let truth = self.ended(&id).await;
        if !matches!(truth["state"].as_str(), Some("ended" | "gone")) {
            complaints.push(format!("the chat is {} in the end", truth["state"]));
        }
        complaints.extend(check::side("visitor", &record.lock(), &truth, late));
        if let Some(record) = agent_record {
            complaints.extend(check::side("agent", &record.lock(), &truth, late));
        }
        complaints.into_iter().map(|complaint| format!("chat {id}: {complaint}")).collect()
    }

    /// The chat as the sandbox has it, once it has ended there.
    async fn ended(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let truth = self.truth(id).await;
            if matches!(truth["state"].as_str(), Some("ended" | "gone")) || begun.elapsed() >= LIMIT {
                return truth;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// An error that leaves it open whether the chat waits, or was handed over.
fn may_have_happened(code: Code) -> bool {
    matches!(code, Code::OutcomeUnknown | Code::NotJson | Code::EmptyAnswer | Code::UnexpectedShape)
}
