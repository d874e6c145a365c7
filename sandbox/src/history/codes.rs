//! Code tables: docs/protocol/engagement-history-api.md, "Code tables".

pub fn start_reason(code: i64) -> &'static str {
    match code {
        0 => "Visitor request",
        1 => "Transfer (from another agent)",
        2 => "Transfer failed",
        3 => "ACD attempt",
        6 => "Skill reassign (transfer to a skill)",
        _ => "Unknown",
    }
}

pub fn end_reason(code: i64) -> &'static str {
    match code {
        101 => "Transfer - rep stopped chat",
        106 => "Transfer - Reassignment to skill",
        201 => "Rep stopped chat",
        202 => "Rep disconnected",
        205 => "Visitor disconnected",
        208 => "Visitor was no longer in chat",
        210 => "Visitor closed chat",
        _ => "Unknown",
    }
}
