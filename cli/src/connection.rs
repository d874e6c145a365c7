//! From the global options to a client.

use lpchat::environment::Environment;
use lpchat::{Client, ClientOptions, LpchatError};

use crate::arguments::GlobalOptions;
use crate::failure::Failure;
use crate::interrupt::farewell;
use crate::notice::Progress;
use crate::sandbox::PrivateSandbox;

const ACCOUNT_VARIABLE: &str = "LPCHAT_ACCOUNT_ID";

#[derive(Debug)]
pub struct Connection {
    options: ClientOptions,
    /// Runs for as long as the command does.
    private_sandbox: Option<PrivateSandbox>,
}

impl Connection {
    pub fn new(global: GlobalOptions) -> Result<Self, Failure> {
        refuse_contradictions(&global)?;
        let sandbox = if global.with_sandbox { Some(start_sandbox()?) } else { None };
        let line = match (&sandbox, global.sandbox_config) {
            (Some(sandbox), _) => Some(sandbox.config().to_owned()),
            (None, given) => given.map(read_if_file).transpose()?,
        };
        let options = ClientOptions {
            account_id: global.account_id.map(Into::into),
            profile: global.profile.map(Into::into),
            timeout: global.timeout,
            sandbox: line.map(Into::into),
            user_agent: Some(concat!("lpchat-cli/", env!("CARGO_PKG_VERSION")).into()),
            ..ClientOptions::default()
        };
        Ok(Self { options, private_sandbox: sandbox })
    }

    /// What the client is made from.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Whether the other side ends with the command.
    pub fn is_private(&self) -> bool {
        self.private_sandbox.is_some()
    }

    /// A client; it is closed, and so logged out where it had logged in, when `work` is over.
    pub fn with_client<T>(&self, work: impl FnOnce(&Client) -> Result<T, Failure>) -> Result<T, Failure> {
        self.with_client_of(|_| (), work)
    }

    /// The same with some options changed.
    pub fn with_client_of<T>(
        &self,
        change: impl FnOnce(&mut ClientOptions),
        work: impl FnOnce(&Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut options = self.options.clone();
        change(&mut options);
        with_client(options, Environment::default(), work)?
    }
}

/// Makes a client of these options, hands it to `work` and closes it.
pub fn with_client<T>(
    options: ClientOptions,
    environment: Environment,
    work: impl FnOnce(&Client) -> T,
) -> Result<T, LpchatError> {
    let client = Client::with_environment(options, environment)?;
    let outcome = work(&client);
    // A login that could not be ended ends by itself; what the user asked for is done.
    let _ = client.close_with(None, Some(farewell()));
    Ok(outcome)
}

impl GlobalOptions {
    /// Refuses options that choose an account or a sandbox, where neither plays a part.
    pub fn refuse_connection(&self) -> Result<(), Failure> {
        let given = [&self.account_id, &self.profile, &self.sandbox_config].into_iter().any(Option::is_some);
        if given || self.with_sandbox || self.timeout.is_some() {
            return Err(Failure::Usage(
                "`lpchat sandbox` connects to nothing: leave the options of a connection out, and put its own behind `--`."
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// Clap checks no contradictions between global options before and behind the command.
fn refuse_contradictions(global: &GlobalOptions) -> Result<(), Failure> {
    if global.with_sandbox && global.sandbox_config.is_some() {
        return Err(Failure::Usage(
            "--with-sandbox starts a sandbox, --sandbox-config names a running one: give one of them.".to_owned(),
        ));
    }
    let sandbox = global.with_sandbox || global.sandbox_config.is_some();
    let account_variable = std::env::var_os(ACCOUNT_VARIABLE).is_some_and(|value| !value.is_empty());
    let stronger = match global.account_id {
        _ if sandbox => Some("a sandbox"),
        Some(_) => Some("--account-id"),
        None => account_variable.then_some(ACCOUNT_VARIABLE),
    };
    // The profile file is read only where no account is given: another account than the profile's would be used.
    if let (Some(_), Some(stronger)) = (&global.profile, stronger) {
        return Err(Failure::Usage(format!("--profile has no effect together with {stronger}: give one of them.")));
    }
    Ok(())
}

fn start_sandbox() -> Result<PrivateSandbox, Failure> {
    let progress = Progress::new();
    progress.show("Starting a sandbox…");
    let sandbox = PrivateSandbox::start();
    progress.clear();
    sandbox
}

fn read_if_file(given: String) -> Result<String, Failure> {
    let Some(path) = given.strip_prefix('@') else { return Ok(given) };
    std::fs::read_to_string(path).map_err(|error| {
        Failure::configuration(format!("--sandbox-config names the file {path:?}, which cannot be read: {error}."), "")
    })
}
