//! Which certificate authorities are trusted: the system's and the bundled ones always, further ones as configured.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the system's; the platform's verifier sees to that. What other HTTP
//! clients on the same machine are told to trust (`REQUESTS_CA_BUNDLE` and its kin) is trusted too: where a company's
//! proxy opens TLS, one of them is usually set.

use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use reqwest::Certificate;

use super::http;
use crate::environment::Environment;
use crate::error::{Code, LpchatError, Result};
use crate::observe::{LogLevel, log};

/// Certificates in PEM besides the system's and the bundled ones. Every request looks up its connection pool by them, and
/// they may be a quarter of a megabyte: so they are neither copied nor hashed whole, nor compared with themselves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots(Arc<Sources>);

#[derive(Debug, PartialEq, Eq, Default)]
struct Sources {
    /// From the option `ca_file`.
    configured: Option<String>,
    /// From the variables of other HTTP clients.
    shared: Vec<String>,
}

impl PartialEq for Roots {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Roots {}

impl Hash for Roots {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.configured.as_ref().map(String::len).hash(state);
        self.0.shared.iter().for_each(|pem| pem.len().hash(state));
    }
}

const SHARED_VARIABLES: [&str; 3] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

impl Roots {
    /// Reads `ca_file`, and what the variables of other clients name. Those were not written for us, so that a file
    /// that is none, or a folder, is passed over. A sandbox, which speaks plain HTTP, needs none of them.
    pub(crate) fn read(ca_file: Option<&str>, with_shared: bool, environment: &Environment) -> Result<Self> {
        let configured = ca_file.map(|path| configured(path, environment)).transpose()?;
        let mut shared: Vec<String> = Vec::new();
        for variable in SHARED_VARIABLES.into_iter().filter(|_| with_shared) {
            let Some(path) = environment.variables.get(variable) else { continue };
            match environment.files.read(Path::new(&path)) {
                Ok(pem) if usable(&pem).is_ok_and(|certificates| !certificates.is_empty()) => shared.push(pem),
                _ => log(LogLevel::Warning, || format!("passes over {variable}: it names no readable file of PEM certificates")),
            }
        }
        shared.dedup();
        Ok(Self(Arc::new(Sources { configured, shared })))
    }

    /// All certificates besides the system's.
    pub(super) fn certificates(&self) -> Result<Vec<Certificate>> {
        let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
        let mut certificates: Vec<Certificate> = bundled.collect();
        for pem in self.0.configured.iter().chain(&self.0.shared) {
            certificates.extend(usable(pem).map_err(|reason| unusable(&reason))?);
        }
        Ok(certificates)
    }
}

fn configured(path: &str, environment: &Environment) -> Result<String> {
    let pem = environment.files.read(Path::new(path)).map_err(|error| {
        LpchatError::new(Code::InvalidOption)
            .with_message(format!("The option `ca_file` is {path:?}: it must be a readable file of PEM certificates."))
            .with_cause(error)
    })?;
    match usable(&pem) {
        Ok(certificates) if certificates.is_empty() => Err(unusable("it holds no PEM certificate")),
        Ok(_) => Ok(pem),
        Err(reason) => Err(unusable(&reason)),
    }
}

/// The certificates in a text, each checked to be one, so that no later step can stumble over them.
fn usable(pem: &str) -> Result<Vec<Certificate>, String> {
    let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| "it is no sound PEM".to_owned())?;
    // Building a client is the one way to have them parsed.
    let parsed = http::builder().no_proxy().tls_certs_only(certificates.clone()).build();
    parsed.map_err(|_| "a certificate in it cannot be read".to_owned())?;
    Ok(certificates)
}

fn unusable(reason: &str) -> LpchatError {
    LpchatError::new(Code::InvalidOption)
        .with_message(format!("The option `ca_file` names a file without usable certificates: {reason}."))
}
