//! TLS: who is trusted, and what is said about those who are not. Hosts carry the vendor's names; they lead here.

use std::path::PathBuf;

use lpchat::{Client, ClientOptions, Code, LpchatError};

use crate::support::tls::{Authority, TlsServer, real_client, real_environment};
use crate::support::{ACCOUNT, Maps, Reply, information, services};

const HOST: &str = "va.convep.liveperson.net";

fn service(config: std::sync::Arc<rustls::ServerConfig>) -> TlsServer {
    TlsServer::start(config, |asked| if asked.path().ends_with("baseURI.json") { services(HOST) } else { information() })
}

fn ask(client: &Client) -> Result<(), LpchatError> {
    let options = lpchat::CallOptions { retries: Some(0), ..Default::default() };
    client.visitor().chat("H1".into()).unwrap().retrieve_information_with(Some(options)).map(|_| ())
}

fn key() -> ClientOptions {
    ClientOptions { app_key: Some("key".into()), ..ClientOptions::default() }
}

#[test]
fn an_authority_of_ones_own() {
    let authority = Authority::new();
    let server = service(authority.server(&["*.liveperson.net", HOST], false));
    let (client, names, _) = real_client(&authority, server.address, key());
    ask(&client).unwrap();
    assert_eq!(*names.asked.lock().unwrap(), ["api.liveperson.net", HOST]);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].header("host"), asked[1].header("host")), (2, Some("api.liveperson.net"), Some(HOST)));
    assert_eq!((asked[0].header("authorization"), asked[1].header("authorization")), (None, Some("LivePerson appKey=key")));
}

#[track_caller]
fn refused(client: &Client, server: &TlsServer, cause: &str) {
    // Without a limit of its own: such a failure is not repeated.
    let error = client.visitor().chat("H1".into()).unwrap().retrieve_information().unwrap_err();
    let details = error.details();
    assert_eq!((error.code(), details.attempts, details.retryable), (Code::ConnectFailed, 1, false));
    assert!(error.details().cause.as_ref().unwrap().to_lowercase().contains(cause), "{error:?}");
    assert!(error.details().hint.contains("ca_file"), "{error:?}");
    assert!(server.asked().is_empty(), "the server saw a request");
}

#[test]
fn bad_certificates_are_refused_before_a_request() {
    let (ours, others) = (Authority::new(), Authority::new());
    let (good, name) = (["*.liveperson.net", HOST], ["*.liveperson.com"]);
    let server = service(others.server(&good, false));
    refused(&real_client(&ours, server.address, key()).0, &server, "unknownissuer");
    let server = service(ours.server(&name, false));
    refused(&real_client(&ours, server.address, key()).0, &server, "not valid for name");
    let server = service(ours.server(&good, true));
    refused(&real_client(&ours, server.address, key()).0, &server, "expired");
}

#[test]
fn a_name_nobody_knows() {
    let authority = Authority::new();
    let server = service(authority.server(&["*.liveperson.net"], false));
    let domains = [("conversationVep".to_owned(), "unknown.liveperson.net".to_owned())].into();
    let (client, ..) = real_client(&authority, server.address, ClientOptions { domains, ..key() });
    let error = ask(&client).unwrap_err();
    assert_eq!(error.code(), Code::ConnectFailed);
    assert!(error.details().cause.as_ref().unwrap().contains("no such host"), "{error:?}");
}

#[test]
fn a_server_that_speaks_no_tls() {
    let plain = crate::support::Server::start(|_| Reply::status(200));
    let (client, ..) = real_client(&Authority::new(), plain.address, key());
    assert_eq!(ask(&client).unwrap_err().code(), Code::ConnectFailed);
    assert_eq!(plain.count(), 0);
}

#[test]
fn what_other_clients_are_told_to_trust_is_trusted() {
    let authority = Authority::new();
    let server = service(authority.server(&["*.liveperson.net", HOST], false));
    for variable in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        let maps = Maps {
            files: [(PathBuf::from("/company.pem"), authority.pem())].into(),
            variables: [(variable.to_owned(), "/company.pem".to_owned())].into(),
            ..Maps::default()
        };
        let (environment, ..) = real_environment(server.address, maps);
        let options = ClientOptions { account_id: Some(ACCOUNT.into()), ..key() };
        ask(&Client::with_environment(options, environment).unwrap()).unwrap_or_else(|error| panic!("{variable}: {error:?}"));
    }
}

#[test]
fn variables_of_other_clients_that_lead_nowhere_do_no_harm() {
    let authority = Authority::new();
    let server = service(authority.server(&["*.liveperson.net", HOST], false));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in [None, Some(""), Some("no certificate"), Some(broken)] {
        let maps = Maps {
            files: text.map(|text| (PathBuf::from("/company.pem"), text.to_owned())).into_iter().collect(),
            variables: [("REQUESTS_CA_BUNDLE".to_owned(), "/company.pem".to_owned())].into(),
            ..Maps::default()
        };
        let (environment, ..) = real_environment(server.address, maps);
        let client = Client::with_environment(ClientOptions { account_id: Some(ACCOUNT.into()), ..key() }, environment).unwrap();
        assert_eq!(ask(&client).unwrap_err().code(), Code::ConnectFailed, "{text:?}: an unknown issuer, nothing worse");
    }
}

#[test]
fn a_ca_file_that_holds_no_certificate_is_refused_at_once() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in [None, Some(""), Some("no certificate"), Some(broken), Some("-----BEGIN CERTIFICATE-----\n%%%")] {
        let maps =
            Maps { files: text.map(|text| (PathBuf::from("/ca.pem"), text.to_owned())).into_iter().collect(), ..Maps::default() };
        let (environment, ..) = real_environment(([127, 0, 0, 1], 1).into(), maps);
        let options = ClientOptions { account_id: Some(ACCOUNT.into()), ca_file: Some("/ca.pem".into()), ..key() };
        let error = Client::with_environment(options, environment).unwrap_err();
        assert!(error.code() == Code::InvalidOption && error.details().message.contains("`ca_file`"), "{text:?}: {error}");
    }
}

#[test]
fn connections_are_kept_and_shared_over_tls_too() {
    let authority = Authority::new();
    let server = service(authority.server(&["*.liveperson.net", HOST], false));
    let (client, ..) = real_client(&authority, server.address, key());
    (0..5).for_each(|_| ask(&client).unwrap());
    let connections: std::collections::HashSet<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections.len(), 2, "one for the directory, one for the service");
}
