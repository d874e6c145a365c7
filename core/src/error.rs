//! One error type and one table of codes; every language's errors come from here.

use std::fmt;
use std::time::Duration;

use lpchat_macros::model;

/// The result of a call.
pub type Result<T, E = LpchatError> = std::result::Result<T, E>;

/// Declares families and codes: the table that every language, the documentation and the exit codes come from.
macro_rules! table {
    ($($(#[doc = $family_doc:literal])+ $family:ident = $exit:literal { $($number:literal $code:ident $retryable:literal $meaning:literal => $hint:literal,)+ })+) => {
        /// What kind of trouble it is; the number is the exit code of the command line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Family { $($(#[doc = $family_doc])+ $family = $exit,)+ }

        /// What exactly went wrong. Numbers are never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $meaning] $code = $number,)+)+ }

        impl Family {
            /// Every family.
            pub const ALL: &'static [Self] = &[$(Self::$family,)+];

            /// Its name, `ChatState`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$family => stringify!($family),)+ }
            }

            /// What it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$family => concat!($($family_doc,)+),)+ }
            }
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$($(Self::$code,)+)+];

            /// Its name, `LineRefused`.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$code => stringify!($code),)+)+ }
            }

            /// The family it belongs to.
            pub const fn family(self) -> Family {
                match self { $($(Self::$code => Family::$family,)+)+ }
            }

            /// Whether the same call may succeed later without a change on the caller's side.
            pub const fn retryable(self) -> bool {
                match self { $($(Self::$code => $retryable,)+)+ }
            }

            /// What it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$code => $meaning,)+)+ }
            }

            /// What to do about it; empty where the message says it all.
            pub const fn hint(self) -> &'static str {
                match self { $($(Self::$code => $hint,)+)+ }
            }
        }

        /// The one error of lpchat, by family. All families carry the same details.
        #[derive(Debug, Clone, PartialEq)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
        pub enum LpchatError {
            $(
                $(#[doc = $family_doc])+
                $family {
                    /// What is known about it.
                    details: Box<ErrorDetails>,
                },
            )+
        }

        impl LpchatError {
            fn of(family: Family, details: Box<ErrorDetails>) -> Self {
                match family { $(Family::$family => Self::$family { details },)+ }
            }

            /// What is known about it.
            pub fn details(&self) -> &ErrorDetails {
                match self { $(Self::$family { details })|+ => details }
            }

            fn details_mut(&mut self) -> &mut ErrorDetails {
                match self { $(Self::$family { details })|+ => details }
            }

            /// What kind of trouble it is.
            pub fn family(&self) -> Family {
                match self { $(Self::$family { .. } => Family::$family,)+ }
            }
        }
    };
}

table! {
    /// Options, environment, profile or arguments are wrong; nothing was sent.
    Configuration = 3 {
        301 InvalidOption false "An option is wrong." => "",
        302 MissingOption false "An option that this call needs is missing." => "",
        303 UnusableCredential false "None of the given credentials works for this API." => "",
        304 InvalidArgument false "An argument breaks a rule of the service." => "",
        305 InvalidProfile false "The profile file cannot be used." => "",
        306 UntrustedHost false "A host outside the service's domains was named." => "Credentials are sent to the service's own hosts only; look at the domain look-up's answer and at the overrides in `domains`.",
        310 UnusableDocument false "A saved chat cannot be resumed here." => "Hand in the text as `save` gave it, unchanged, to a client of the same account and of the same or a later version of lpchat.",
        311 FileFailed false "A file cannot be written or read." => "Look at the folder, its permissions and the space left.",
        312 UnusableExport false "The folder holds an export that cannot be gone on with here." => "Name another folder.",
        313 ExportInUse true "The export in this folder is being written." => "Wait until the other export has ended, or name another folder.",
    }
    /// The service could not be reached.
    Connection = 4 {
        401 ConnectFailed true "No connection could be made." => "Check name resolution, proxy variables and the certificate authority (`ca_file`).",
        402 ConnectionLost true "The connection broke before the answer was complete." => "",
    }
    /// A time limit passed.
    Timeout = 5 {
        501 DeadlineExceeded true "The call did not finish within its time." => "Raise `timeout`; it covers all attempts and the pauses between them.",
        502 FirstByteTimeout true "The service did not begin to answer in time." => "",
        503 StallTimeout true "The answer stopped arriving." => "",
        504 AttemptTimeout true "One attempt took too long." => "",
        505 ConnectTimeout true "No connection was made in time." => "",
        506 NothingCame true "Nothing came within the time given." => "",
    }
    /// The service does not accept who we are.
    Authentication = 6 {
        601 Unauthorized false "The service refused the credential." => "",
        602 LoginFailed false "The login was refused." => "",
        603 AccountBlocked false "The account or user is blocked by the vendor." => "Do not repeat the login: the vendor's support has to lift the block.",
        604 SessionExpired false "The agent's login has expired or was ended." => "Log in again and start a new agent session; the old session's chats went back to the queue.",
    }
    /// The service knows who we are, and refuses.
    Permission = 7 {
        701 Forbidden false "The service forbids this call." => "",
    }
    /// What was asked for is not there.
    NotFound = 8 {
        801 NotFound false "The service knows nothing under this address." => "",
        802 ChatGone false "The chat is over and its documents are gone." => "Its transcript appears in engagement history, minutes after the end: search by engagement id (account id + rt_session_id).",
        803 ServiceUnknown false "The account has no such service." => "Service names are case-sensitive; which of them an account has depends on its products.",
    }
    /// Too many requests.
    RateLimited = 9 {
        901 Throttled true "The service throttles this account." => "Spread the requests; the vendor asks for at least one second between repeats, five for logins.",
    }
    /// The service refused the request as it stands.
    Rejected = 10 {
        1001 Rejected false "The service refused the request." => "",
        1002 UnexpectedRedirect false "The service answered with a redirect, which is never followed." => "",
        1003 CaptchaRequired false "The account demands a captcha." => "Account setting: the unified window's captcha cannot be answered through this API; have it switched off for the account.",
    }
    /// The service failed.
    Server = 11 {
        1101 ServerFailed true "The service failed." => "",
        1102 Unavailable true "The service is unavailable." => "",
    }
    /// The answer cannot be understood.
    Decode = 12 {
        1201 NotJson false "The answer is not JSON." => "",
        1202 UnexpectedShape false "The answer has another shape than documented." => "",
        1203 TooLarge false "The answer is larger than allowed." => "Raise the limit in the options if the answer is legitimate.",
        1204 EmptyAnswer false "The answer is empty where a document was expected." => "",
    }
    /// The result is incomplete.
    Incomplete = 13 {
        1301 PartialResult true "The service answered from a part of its data." => "Repeat the search later.",
        1302 IncompleteResult true "Records are missing from what was read." => "Go on later with the search's `resume_token`, or set `allow_incomplete` to take what there is.",
    }
    /// Whether the request took effect is not known.
    OutcomeUnknown = 14 {
        1401 OutcomeUnknown false "The request may or may not have taken effect." => "Read the state back before repeating: a second request may do it twice.",
    }
    /// The chat is not in a state that allows this.
    ChatState = 15 {
        1501 NotChatting true "The chat is not open for lines: no agent has accepted it yet, or it has ended." => "Wait for the state `chatting`, or hand early text in as `pre_chat_lines` when starting the chat.",
        1502 ChatEnded false "The chat has ended." => "",
        1503 ChatLost false "The chat is presumed lost: the service has not answered for twice its idle limit." => "Engagement history may hold the chat; the visitor can start a new one.",
    }
    /// The caller cancelled the call.
    Cancelled = 16 {
        1601 Cancelled false "The call was cancelled." => "",
    }
    /// The client is closed.
    Closed = 17 {
        1701 ClientClosed false "The client is closed." => "",
    }
    /// A mistake of lpchat itself.
    Internal = 18 {
        1801 Internal false "Something went wrong inside lpchat." => "Please report it with the log at level debug; no secret appears in it.",
    }
}

/// What is known about an error. Nothing in it is secret.
#[model(plain)]
pub struct ErrorDetails {
    /// Number of the code; never reused.
    pub code: i32,
    /// Name of the code, such as `NotChatting`.
    pub name: String,
    /// What went wrong, in a sentence.
    pub message: String,
    /// What to do about it; empty where the message says it all.
    pub hint: String,
    /// Whether the same call may succeed later without a change on the caller's side.
    pub retryable: bool,
    /// The operation that failed, such as `VisitorChat.add_line`; empty where none had begun.
    pub operation: String,
    /// HTTP status of the last answer.
    pub http_status: Option<i32>,
    /// The service's own code, as text: history writes `0007`.
    pub service_code: Option<String>,
    /// The service's own words.
    pub service_message: Option<String>,
    /// How many requests were sent.
    pub attempts: i32,
    /// How long the call took.
    pub elapsed: Duration,
    /// Identifies the call in logs and in the `X-Request-Id` header; the service's own id where it sends one.
    pub request_id: String,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// The error underneath.
    pub cause: Option<String>,
}

impl LpchatError {
    /// An error of this code, with the table's message and hint.
    pub(crate) fn new(code: Code) -> Self {
        let details = ErrorDetails {
            code: code as i32,
            name: code.name().to_owned(),
            message: code.meaning().to_owned(),
            hint: code.hint().to_owned(),
            retryable: code.retryable(),
            operation: String::new(),
            http_status: None,
            service_code: None,
            service_message: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            request_id: String::new(),
            retry_after: None,
            cause: None,
        };
        Self::of(code.family(), Box::new(details))
    }

    /// The code.
    pub fn code(&self) -> Code {
        let number = self.details().code;
        Code::ALL.iter().copied().find(|code| *code as i32 == number).unwrap_or(Code::Internal)
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.details_mut().message = message.into();
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.details_mut().hint = hint.into();
        self
    }

    pub(crate) fn with_cause(mut self, cause: impl fmt::Display) -> Self {
        self.details_mut().cause = Some(cause.to_string());
        self
    }

    /// Fills in further details.
    pub(crate) fn with(mut self, fill: impl FnOnce(&mut ErrorDetails)) -> Self {
        fill(self.details_mut());
        self
    }

    /// An argument or option that breaks a rule: names it, its value, the rule and the cure.
    pub(crate) fn argument(member: &str, value: impl fmt::Debug, rule: &str) -> Self {
        Self::new(Code::InvalidArgument).with_message(format!("`{member}` is {value:?}: {rule}"))
    }

    /// An argument that is absent where a rule wants it.
    pub(crate) fn missing(member: &str, rule: &str) -> Self {
        Self::new(Code::InvalidArgument).with_message(format!("`{member}` is missing: {rule}"))
    }
}

impl fmt::Display for LpchatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.details();
        if !details.operation.is_empty() {
            write!(formatter, "{}: ", details.operation)?;
        }
        formatter.write_str(&details.message)?;
        let said = [
            details.http_status.map(|status| format!("HTTP {status}")),
            details.service_code.clone().map(|code| format!("code {code}")),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        if !said.is_empty() {
            write!(formatter, " [{}]", said.join(", "))?;
        }
        if let Some(message) = &details.service_message {
            write!(formatter, " The service says: {message}")?;
        }
        if !details.hint.is_empty() {
            write!(formatter, " Hint: {}", details.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for LpchatError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_lie_in_their_family() {
        let mut numbers: Vec<i32> = Code::ALL.iter().map(|code| *code as i32).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(*code as i32 / 100, code.family() as i32, "{}", code.name());
        }
    }

    #[test]
    fn the_text_says_operation_status_and_cure() {
        let error = LpchatError::new(Code::NotChatting).with(|details| {
            details.operation = "VisitorChat.add_line".into();
            details.http_status = Some(400);
            details.service_code = Some("5".into());
        });
        let text = error.to_string();
        assert!(
            text.starts_with("VisitorChat.add_line: The chat is not open for lines: no agent has accepted it yet, or it has ended. [HTTP 400, code 5] Hint: Wait"),
            "{text}"
        );
        assert_eq!(error.family(), Family::ChatState);
    }
}
