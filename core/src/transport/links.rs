//! Which hosts are trusted, and what of a link is followed.
//!
//! Sources: `docs/protocol/domain-api.md`, "Responses"; `docs/protocol/visitor-chat-api.md`, "Hypermedia".

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::error::{Code, LpchatError, Result};

/// The vendor's domains. Hosts are compared label by label.
const VENDOR_DOMAINS: [[&str; 2]; 2] = [["liveperson", "net"], ["liveperson", "com"]];

/// What the name system can hold.
const LONGEST_HOST: usize = 253;

/// What a path segment cannot hold as it is: all but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What must be escaped in the path and query of a link that the service gave.
const LINK: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#').add(b'`').add(b'{').add(b'}').add(b'\\');

/// Encodes a value into one path segment. `.` and `..` have no encoding that is not a direction; `Request::url` refuses
/// them.
pub(crate) fn segment(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, SEGMENT).into()
}

/// The origin of a looked-up or configured host: a bare name under the vendor's domains, or one of the `sandbox` origins.
pub(crate) fn service_origin(host: &str, sandbox: &[Url]) -> Result<Url> {
    let untrusted =
        |reason: &str| LpchatError::new(Code::UntrustedHost).with_message(format!("The host {:?} {reason}.", shorten(host)));
    if !sandbox.is_empty() {
        let named = |origin: &&Url| {
            origin.as_str().trim_end_matches('/').strip_prefix("http://") == Some(host.trim_start_matches("http://"))
        };
        return sandbox.iter().find(named).cloned().ok_or_else(|| untrusted("is none of the sandbox's own addresses"));
    }
    let labels: Vec<&str> = host.split('.').collect();
    let bare = labels.iter().all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    });
    if !bare || host.len() > LONGEST_HOST {
        return Err(untrusted("is not a bare host name: no scheme, port, path, user or address literal is accepted"));
    }
    if !under_vendor(&labels) {
        return Err(untrusted("lies outside liveperson.net and liveperson.com"));
    }
    Url::parse(&format!("https://{}", host.to_ascii_lowercase())).map_err(|_| untrusted("is no host name"))
}

fn under_vendor(labels: &[&str]) -> bool {
    let ends = |domain: &[&str; 2]| {
        labels.len() > domain.len()
            && labels[labels.len() - domain.len()..].iter().zip(domain).all(|(label, own)| label.eq_ignore_ascii_case(own))
    };
    VENDOR_DOMAINS.iter().any(ends)
}

/// The origin that a creation's link (`Location`, or the link in its body) sets for a session: its own if it lies under
/// the same registrable domain as the host that was asked, else refused.
pub(crate) fn session_origin(link: &Url, asked: &Url, sandbox: &[Url]) -> Result<Url> {
    let untrusted = || {
        LpchatError::new(Code::UntrustedHost).with_message(format!(
            "The new session's address lies on the host {:?}, another than the service's own.",
            link.host_str().unwrap_or("")
        ))
    };
    if !sandbox.is_empty() {
        return sandbox.iter().find(|origin| origin.origin() == link.origin()).cloned().ok_or_else(untrusted);
    }
    let (Some(Host::Domain(new)), Some(Host::Domain(own))) = (link.host(), asked.host()) else { return Err(untrusted()) };
    let tail = |host: &str| host.to_ascii_lowercase().rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    if link.scheme() != "https"
        || link.port().is_some()
        || !link.username().is_empty()
        || link.password().is_some()
        || tail(new) != tail(own)
    {
        return Err(untrusted());
    }
    Url::parse(&format!("https://{new}")).map_err(|_| untrusted())
}

/// The origin in a saved chat: under the same rules as a host that the look-up names.
pub(crate) fn saved_origin(origin: &str, sandbox: &[Url]) -> Result<Url> {
    let bare = origin.trim_end_matches('/');
    if sandbox.is_empty() {
        return match bare.strip_prefix("https://") {
            Some(host) => service_origin(host, &[]),
            None => Err(LpchatError::new(Code::UntrustedHost).with_message("The saved chat's host is not reached over HTTPS.")),
        };
    }
    service_origin(bare, sandbox)
}

/// The absolute address in a creation's link. Two published samples are malformed (one slash after the scheme, no
/// scheme); an address without a usable host falls back on the host that was asked.
pub(crate) fn absolute(link: &str, asked: &Url) -> Result<Url> {
    let escaped = utf8_percent_encode(link.trim(), LINK).to_string();
    let unusable = || {
        LpchatError::new(Code::UnexpectedShape)
            .with_message(format!("The service named a new resource with the unusable address {:?}.", shorten(link)))
    };
    match Url::parse(&escaped) {
        Ok(url) if url.has_host() => Ok(url),
        _ if escaped.starts_with('/') => asked.join(&escaped).map_err(|_| unusable()),
        _ => Err(unusable()),
    }
}

/// Path and query of a link that a document gave: all that is followed of it, on the origin that gave the document. The
/// path comes without the suffix `.json`, the query without what every request carries.
pub(crate) fn followed(href: &str, asked: &Url) -> Result<(String, Vec<(String, String)>)> {
    let url = absolute(href, asked)?;
    let path = url.path();
    let own = |name: &str| matches!(name, "v" | "NC") || name.eq_ignore_ascii_case("appKey");
    let query = url.query_pairs().filter(|(name, _)| !own(name)).map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok((path.strip_suffix(".json").unwrap_or(path).to_owned(), query.collect()))
}

/// The last segment of a link's path without the suffix `.json`: where the service puts the id of what it created.
pub(crate) fn last_segment(url: &Url) -> Option<String> {
    last_of(url.path())
}

/// The same of a link as it stands.
pub(crate) fn last_of(link: &str) -> Option<String> {
    let (_, last) = link.trim().split(['?', '#']).next()?.rsplit_once('/')?;
    let id = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    let id = id.strip_suffix(".json").unwrap_or(&id);
    (!id.is_empty()).then(|| id.to_owned())
}

fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_a_link_ends_in() {
        for (link, id) in [
            ("https://h/api/account/1/chat/H1/events/5", Some("5")),
            ("https:/h/api/account/1/chat/H1/events/5.json?v=1&NC=true", Some("5")),
            (" /api/account/1/chat/H1K%2F1#end/7 ", Some("H1K/1")),
            ("https://h/api/account/1/chat/H1/events/", None),
            ("5", None),
        ] {
            assert_eq!(last_of(link).as_deref(), id, "{link}");
        }
    }

    #[test]
    fn of_a_link_path_and_query_are_followed() {
        let asked = Url::parse("https://va.convep.liveperson.net/api/account/1/chat/H1").unwrap();
        let follow = |href: &str| followed(href, &asked).unwrap();
        let plain = ("/api/account/1/chat/H1".to_owned(), vec![("from".to_owned(), "4".to_owned())]);
        for href in [
            "https://evil.example/api/account/1/chat/H1?from=4",
            "/api/account/1/chat/H1.json?v=1&NC=true&from=4&appkey=k",
            "https://u:p@evil.example:99/x/../api/account/1/chat/H1?from=4",
        ] {
            assert_eq!(follow(href), plain, "{href}");
        }
        assert!(followed("//", &asked).is_err() && followed("chat/H1", &asked).is_err());
    }

    #[test]
    fn only_bare_hosts_of_the_vendor_are_trusted() {
        for good in ["va.enghist.liveperson.net", "lo.LE1.LivePerson.com"] {
            assert!(service_origin(good, &[]).is_ok(), "{good}");
        }
        let bad = [
            "evil.example",
            "liveperson.net.evil.example",
            "evilliveperson.net",
            "liveperson.net",
            "127.0.0.1",
            "[::1]",
            "0x7f.1",
            "a@b.liveperson.net",
            "va.liveperson.net:25",
            "https://va.liveperson.net",
            "va.liveperson.net/x",
            "va..liveperson.net",
            "",
            "-a.liveperson.net",
            "a\r\n.liveperson.net",
        ];
        for bad in bad {
            let error = service_origin(bad, &[]).expect_err(bad);
            assert_eq!(error.code(), Code::UntrustedHost, "{bad}");
        }
    }

    #[test]
    fn a_sandbox_trusts_exactly_its_own_origins() {
        let own = [Url::parse("http://127.0.0.1:4000").unwrap()];
        assert!(service_origin("127.0.0.1:4000", &own).is_ok());
        assert!(service_origin("127.0.0.1:4001", &own).is_err());
        assert!(service_origin("va.liveperson.net", &own).is_err());
        let link = |text: &str| session_origin(&Url::parse(text).unwrap(), &own[0], &own);
        assert!(link("http://127.0.0.1:4000/x").is_ok());
        assert!(link("http://127.0.0.2:4000/x").is_err());
    }

    #[test]
    fn a_session_stays_under_the_registrable_domain() {
        let asked = Url::parse("https://va.convep.liveperson.net").unwrap();
        let origin = |link: &str| session_origin(&Url::parse(link).unwrap(), &asked, &[]).map(|url| url.to_string());
        assert_eq!(origin("https://va-a.convep.liveperson.net/api/x").unwrap(), "https://va-a.convep.liveperson.net/");
        for bad in [
            "http://va.convep.liveperson.net/",
            "https://evil.example/",
            "https://va.convep.liveperson.net:444/",
            "https://u@va.liveperson.net/",
            "https://10.0.0.1/",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_saved_origin_is_no_back_door() {
        assert_eq!(
            saved_origin("https://va-a.convep.liveperson.net/", &[]).unwrap().as_str(),
            "https://va-a.convep.liveperson.net/"
        );
        for bad in
            ["http://va.liveperson.net/", "https://evil.example/", "https://va.liveperson.net:444/", "va.liveperson.net", ""]
        {
            assert!(saved_origin(bad, &[]).is_err(), "{bad}");
        }
        let own = [Url::parse("http://127.0.0.1:4000").unwrap()];
        assert!(saved_origin("http://127.0.0.1:4000/", &own).is_ok());
        assert!(
            saved_origin("http://127.0.0.1:4001/", &own).is_err() && saved_origin("https://va.liveperson.net/", &own).is_err()
        );
    }

    #[test]
    fn ids_become_one_segment() {
        assert_eq!(segment("a/b?c=%"), "a%2Fb%3Fc%3D%25");
        assert_eq!(segment("H1-abK2"), "H1-abK2");
    }
}
