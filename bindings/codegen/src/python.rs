//! Python.

use anyhow::Result;

use crate::interface::Interface;
use crate::output::Output;

pub fn render(_interface: &Interface) -> Result<Vec<Output>> {
    Ok(Vec::new())
}
