//! A dummy endpoint that only the generator proof knows.

use lpchat_macros::{model, operation};

use super::VisitorChat;
use crate::error::Result;
use crate::transport::Context;
use crate::wire::Text;

/// Colour of a probe.
#[model]
pub enum ProbeColour {
    /// Like the sky.
    #[wire("sky-blue")]
    SkyBlue,
}

/// A probe that nobody needs.
#[model]
pub struct ProbeReport {
    /// The probe's own name.
    pub probe_name: Text,
    /// How the probe looks.
    pub colour: Option<ProbeColour>,
    /// What the probe has seen so far.
    pub sightings: Vec<Text>,
}

/// Sends a probe through the chat.
#[operation(retry = safe)]
async fn send_probe(chat: &VisitorChat, context: &Context, probe_label: Text) -> Result<Vec<ProbeReport>> {
    let answer = context.send(chat.get("/probe")?.query("label", probe_label.as_str())).await?;
    answer.member("probes")
}
