//! The real service's rules on loopback: private authority, TLS server, and names that lead to it.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lpchat::environment::{Environment, Names};
use lpchat::{Client, ClientOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Asked, Reply, read, rendered};
use super::{ACCOUNT, Maps, VirtualClock, environment};

/// A certificate authority of the test's own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        // Each has a name of its own, or one would be taken for another.
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("authority {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server with a certificate of these names is configured with; `expired` ones ended long ago.
    pub fn server(&self, names: &[&str], expired: bool) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        if expired {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

/// A server behind TLS.
pub struct TlsServer {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TlsServer {
    pub fn start(config: Arc<ServerConfig>, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let (seen, answer, config) = (Arc::clone(&seen), Arc::clone(&answer), Arc::clone(&config));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
                    while let Some(mut asked) = read(&mut stream, number) {
                        asked.index = seen.lock().unwrap().len();
                        seen.lock().unwrap().push(asked.clone());
                        let Reply::Whole { status, headers, body } = answer(&asked) else { return };
                        if stream.get_mut().write_all(&rendered(status, &headers, &body)).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// All names lead to one address; remembers which were asked for.
pub struct AllTo {
    pub address: SocketAddr,
    pub asked: Mutex<Vec<String>>,
}

impl Names for AllTo {
    fn resolve(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        if host.starts_with("unknown.") { Err(io::Error::other("no such host")) } else { Ok(vec![self.address]) }
    }
}

/// A client under the real service's rules that trusts `authority` through `ca_file`.
pub fn real_client(
    authority: &Authority,
    address: SocketAddr,
    options: ClientOptions,
) -> (Client, Arc<AllTo>, Arc<VirtualClock>) {
    let options = ClientOptions {
        account_id: Some(options.account_id.unwrap_or_else(|| ACCOUNT.into())),
        ca_file: Some("/ca.pem".into()),
        ..options
    };
    let files = [(PathBuf::from("/ca.pem"), authority.pem())].into();
    let (environment, names, clock) = real_environment(address, Maps { files, ..Maps::default() });
    (Client::with_environment(options, environment).unwrap(), names, clock)
}

pub fn real_environment(address: SocketAddr, maps: Maps) -> (Environment, Arc<AllTo>, Arc<VirtualClock>) {
    let (clock, maps) = (VirtualClock::new(), Arc::new(maps));
    let names = Arc::new(AllTo { address, asked: Mutex::default() });
    let environment = Environment {
        files: Arc::<Maps>::clone(&maps),
        variables: maps,
        names: Some(Arc::<AllTo>::clone(&names)),
        ..environment(&clock)
    };
    (environment, names, clock)
}
