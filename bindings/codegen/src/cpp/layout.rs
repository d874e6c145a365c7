//! Line breaks: the renderers write statements as they come, here the long ones are broken.

/// The widest line.
pub const WIDTH: usize = 120;

/// Breaks the lines that are too long.
pub fn tidy(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        for part in unfold(line) {
            fold(&mut out, &part);
        }
    }
    out
}

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with(['/', '#'])
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// A function on one line becomes one on several.
fn unfold(line: &str) -> Vec<String> {
    let body = line.strip_suffix(" }").and_then(|line| line.split_once(" { "));
    match body {
        Some((head, body)) if line.len() > WIDTH && is_code(line) => {
            let indent = indent(line);
            let mut lines = vec![format!("{head} {{")];
            lines.extend(body.split_inclusive("; ").map(|statement| format!("{indent}    {}", statement.trim_end())));
            lines.push(format!("{indent}}}"));
            lines
        }
        _ => vec![line.to_owned()],
    }
}

/// A line that is too long goes on behind a comma.
fn fold(out: &mut String, line: &str) {
    let mut rest = line.to_owned();
    while rest.len() > WIDTH && is_code(&rest) {
        let Some(comma) = rest[..WIDTH].rfind(", ").filter(|at| *at > indent(&rest).len() + 8) else { break };
        let (head, tail) = rest.split_at(comma + 1);
        out.push_str(head);
        out.push('\n');
        rest = format!("{}    {}", indent(line), tail.trim_start());
    }
    out.push_str(&rest);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_functions_and_long_lists_are_broken() {
        let long = "x".repeat(60);
        assert_eq!(tidy("int f() const { return 1; }"), "int f() const { return 1; }\n");
        assert_eq!(
            tidy(&format!("    {long} f() const {{ {long} a = 1; return a; }}")),
            format!("    {long} f() const {{\n        {long} a = 1;\n        return a;\n    }}\n")
        );
        assert_eq!(tidy(&format!("  f({long}, {long});")), format!("  f({long},\n      {long});\n"));
    }
}
