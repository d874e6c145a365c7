//! Free slots, and how long a chat would wait.

use std::time::Duration;

use lpchat_macros::{model, operation};

use super::{Visitor, get};
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Text;
use crate::wire::slots::AvailableSlotsRequest;

/// How long a chat would wait for an agent.
#[model(complete)]
pub struct EstimatedWaitTime {
    /// Seconds; 0 where an agent can take the chat now, -1 where nobody is online or the service is unavailable, -2
    /// where there is too little data.
    #[wire("estimatedWaitTime")]
    pub seconds: i64,
    /// The estimate; absent where there is none.
    #[wire(skip)]
    pub wait: Option<Duration>,
}

impl EstimatedWaitTime {
    fn complete(&mut self) {
        self.wait = u64::try_from(self.seconds).ok().map(Duration::from_secs);
    }
}

/// Retrieves how many more chats agents could take now; -1 stands for no limit.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Available slots — `GET B/chat/availableSlots`".
#[operation(retry = safe)]
async fn retrieve_available_slots(visitor: &Visitor, context: &Context, request: AvailableSlotsRequest) -> Result<i64> {
    let asked = request.asked(get(visitor.path("chat/availableSlots")?))?;
    context.send(asked).await?.member("availableSlots")
}

/// Retrieves how long a chat would wait for an agent. There is no estimate for a single agent.
///
/// * `skill`: name of the skill; all when absent.
/// * `service_queue`: legacy queue.
///
/// Source: `docs/protocol/visitor-chat-api.md`, "Estimated wait — `GET B/chat/estimatedWaitTime`".
#[operation(retry = safe)]
async fn retrieve_estimated_wait_time(
    visitor: &Visitor,
    context: &Context,
    skill: Option<Text>,
    service_queue: Option<Text>,
) -> Result<EstimatedWaitTime> {
    let asked = get(visitor.path("chat/estimatedWaitTime")?).query_if("skill", skill).query_if("serviceQueue", service_queue);
    context.send(asked).await?.document()
}
