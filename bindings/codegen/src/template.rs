//! Templates: text with `$NAME$` where a value goes, so that they read like what they render.

/// Fills `template`. Every value must have its place, and every place its value.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut used = vec![false; values.len()];
    let mut parts = template.split('$');
    out.push_str(parts.next().unwrap_or_default());
    while let Some(name) = parts.next() {
        let index = values.iter().position(|(known, _)| *known == name);
        let index = index.unwrap_or_else(|| panic!("the template has ${name}$, for which there is no value"));
        used[index] = true;
        out.push_str(values[index].1);
        out.push_str(parts.next().unwrap_or_else(|| panic!("${name} is not closed in the template")));
    }
    if let Some(unused) = used.iter().position(|used| !used) {
        panic!("the template has no ${}$", values[unused].0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled() {
        assert_eq!(fill("fn $name$() { $body$ } // $name$", &[("name", "a"), ("body", "1")]), "fn a() { 1 } // a");
    }

    #[test]
    #[should_panic(expected = "no value")]
    fn a_place_without_a_value_is_a_mistake() {
        fill("$nothing$", &[]);
    }
}
