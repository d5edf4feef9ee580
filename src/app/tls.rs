//! HTTPS: which certificate this server shows, and that it stays good while it serves. Files are `config`'s,
//! certificates `identity`'s; here one is chosen, renewed and changed under running connections.

use crate::clock::Clock;
use crate::config::certificates::{self, Folder};
use crate::config::{Config, Source};
use crate::domain::time::Timestamp;
use crate::http::Trust;
use crate::identity::authority::{self, Authority, Names};
use anyhow::{Context, Result, bail};
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What `comanda tls` made, or found.
pub struct Made {
    pub authority: PathBuf,
    pub fingerprint: String,
    pub names: Names,
    /// It was made now.
    pub is_new: bool,
}

/// Makes what is missing of this network's authority and of the server's certificate.
///
/// # Errors
/// A folder that cannot be written; names that an earlier authority may not speak for.
pub fn make(config: &Config, now: Timestamp) -> Result<Made> {
    let folder = folder(config)?;
    let is_new = folder.authority()?.is_none();
    if is_new {
        let fresh = Authority::make(&named(config), now)?;
        folder.keep_authority(&fresh.certificate, &fresh.key).context("the authority cannot be kept")?;
    }
    signed(config, now)?;
    let (certificate, _) = authority_in(&folder)?;
    let names = names(config);
    Ok(Made { authority: folder.authority_path(), fingerprint: authority::fingerprint(&certificate)?, names, is_new })
}

/// The certificate in use.
pub struct Tls {
    pub rustls: RustlsConfig,
    config: Config,
    shown: SecretString,
}

impl Tls {
    /// `None`: the settings want no HTTPS.
    ///
    /// # Errors
    /// A certificate that cannot be used, with what to do about it.
    pub fn open(config: &Config, now: Timestamp) -> Result<Option<Self>> {
        if config.tls.source().is_none() {
            return Ok(None);
        }
        let shown = current(config, now).context("HTTPS cannot be served")?;
        let rustls = RustlsConfig::from_config(server(&shown).context("HTTPS cannot be served")?);
        Ok(Some(Self { rustls, config: config.clone(), shown }))
    }

    /// What devices need to trust the local authority; nothing for certificates that they trust anyway.
    ///
    /// # Errors
    /// An authority that cannot be read.
    pub fn trust(&self, https_port: u16) -> Result<Option<Trust>> {
        if !self.config.tls.local {
            return Ok(None);
        }
        let (certificate, _) = authority_in(&folder(&self.config)?)?;
        let fingerprint = authority::fingerprint(&certificate)?;
        Ok(Some(Trust { certificate, fingerprint, https_port }))
    }

    /// Renews a certificate of the local authority in time, or when this machine has other addresses, and takes up one
    /// that changed on the disk. What is wrong with a new one is said once, and the old one stays.
    pub async fn keep(mut self, clock: Clock, stop: CancellationToken) {
        let mut said = String::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.config.tls.look) => {}
            }
            let problem = match self.look(clock.now()) {
                Ok(()) => String::new(),
                Err(error) => format!("{error:#}"),
            };
            if problem != said && !problem.is_empty() {
                tracing::warn!(error = problem, "the certificate could not be renewed; the old one stays in use");
            }
            said = problem;
        }
    }

    fn look(&mut self, now: Timestamp) -> Result<()> {
        let found = current(&self.config, now)?;
        if found.expose_secret() != self.shown.expose_secret() {
            self.rustls.reload_from_config(server(&found)?);
            self.shown = found;
            tracing::info!("a new certificate is in use");
        }
        Ok(())
    }
}

/// The certificate to show, with its key.
fn current(config: &Config, now: Timestamp) -> Result<SecretString> {
    match config.tls.source() {
        Some(Source::Files { certificate, key }) => {
            let pair = certificates::read_pair(certificate, key).context("the certificate cannot be read")?;
            Ok(format!("{}\n{}", pair.certificate, pair.key.expose_secret()).into())
        }
        Some(Source::Local) => signed(config, now),
        None => bail!("no certificate is configured"),
    }
}

/// The local authority's certificate for this machine: the one that is there while it is good, or a new one.
fn signed(config: &Config, now: Timestamp) -> Result<SecretString> {
    let folder = folder(config)?;
    let (_, authority) = authority_in(&folder)?;
    let names = names(config);
    if let Some(held) = folder.server()?.filter(|held| authority.is_good(held.expose_secret(), &names, now)) {
        return Ok(held);
    }
    let fresh = authority.sign(&names, now).with_context(|| {
        format!(
            "remove {} and run `comanda tls` to make another, which screens must be told to trust",
            folder.path().display()
        )
    })?;
    folder.keep_server(&fresh.certificate, &fresh.key).context("the certificate cannot be kept")?;
    folder.server()?.context("the certificate is gone")
}

fn authority_in(folder: &Folder) -> Result<(String, Authority)> {
    let Some(pair) = folder.authority()? else { bail!("there is no local authority yet: run `comanda tls`") };
    let authority = Authority::of(&pair.certificate, pair.key.expose_secret())?;
    Ok((pair.certificate, authority))
}

fn folder(config: &Config) -> Result<Folder> {
    let path = config.authority_folder().context("say in tls.folder where the local authority is")?;
    Ok(Folder::of(path))
}

/// As rustls wants it. HTTP/2 is not spoken here: the socket needs HTTP/1.1.
fn server(pem: &SecretString) -> Result<Arc<ServerConfig>> {
    let pem = pem.expose_secret().as_bytes();
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.context("the certificate is not PEM")?;
    let key = PrivateKeyDer::from_pem_slice(pem).context("the certificate's key is not PEM")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and key do not fit together")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Every name and address of this machine on its network, and those that the settings add.
fn names(config: &Config) -> Names {
    let mut names = Names { hosts: vec!["localhost".to_owned()], addresses: Vec::new() };
    let host = gethostname::gethostname().to_string_lossy().to_lowercase();
    let label = host.split('.').next().unwrap_or_default();
    if is_label(label) {
        names.hosts.push(format!("{label}.local"));
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    names.addresses.extend(interfaces.iter().map(if_addrs::Interface::ip).filter(is_local));
    names.addresses.extend([IpAddr::from([127, 0, 0, 1]), std::net::Ipv6Addr::LOCALHOST.into()]);
    let more = named(config);
    names.hosts.extend(more.hosts);
    names.addresses.extend(more.addresses);
    names.hosts.sort();
    names.hosts.dedup();
    names.addresses.sort();
    names.addresses.dedup();
    names
}

/// Those that the settings add.
fn named(config: &Config) -> Names {
    let mut names = Names::default();
    for name in &config.tls.names {
        match name.parse() {
            Ok(address) => names.addresses.push(address),
            Err(_) => names.hosts.push(name.to_lowercase()),
        }
    }
    names
}

fn is_label(name: &str) -> bool {
    !name.is_empty() && name.len() <= 63 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// An address that others on the network can use, and nobody else.
fn is_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}
