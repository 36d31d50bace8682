//! DNS through the system's name servers or the operator's, with one shared cache.
//!
//! Never: uses a search list or `/etc/hosts`, or has more questions open than the bound here.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
    system_conf::read_system_conf,
};
use tokio::sync::Semaphore;

use super::{Answer, Kind, Record, Servers, dotless};
use crate::race;

/// Asks name servers.
pub(super) struct Resolver {
    present: RwLock<Present>,
    open: Semaphore,
}

/// The name servers with what is known from them, or why there are none: then every question fails with that.
type Present = Result<Arc<Askable>, Arc<str>>;

/// The name servers.
struct Askable {
    /// All of them: two at a time, those first that answer soon. The first answer counts, even a refusal.
    together: TokioResolver,
    /// Each by itself, for what `together` was refused; none where there is only one.
    alone: Vec<TokioResolver>,
}

/// How many questions are open at once; the others wait within their own time limits. Each open one has a socket, and
/// sessions need sockets too.
const OPEN: usize = 256;

/// How many answers are kept at once; the least used makes room. An answer is kept for no longer than its server says.
const KEPT: u64 = 8192;

impl Resolver {
    pub(super) fn new(servers: &Servers, timeout: Duration) -> Resolver {
        Resolver { present: RwLock::new(built(servers, timeout)), open: Semaphore::new(OPEN) }
    }

    /// Asks others from now on, and forgets every answer.
    pub(super) fn rebuild(&self, servers: &Servers, timeout: Duration) {
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = built(servers, timeout);
    }

    pub(super) async fn ask(&self, name: &str, kind: Kind) -> Result<Vec<Record>, Arc<str>> {
        let resolver = self.present.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let parsed = if name.is_ascii() { Name::from_ascii(name) } else { Name::from_utf8(name) };
        // What cannot be written as a name of the DNS has no records there.
        let Ok(mut name) = parsed else { return Ok(Vec::new()) };
        name.set_fqdn(true);
        let _place = self.open.acquire().await.map_err(|_| "the resolver is closed")?;
        match look_up(&resolver.together, &name, kind).await {
            Err(error) if is_refusal(&error) && !resolver.alone.is_empty() => {
                // A server that refuses at once must not hide one that answers later.
                let ask = |server| Answer::later(look_up(server, &name, kind));
                match race::first(resolver.alone.iter().map(ask).collect(), Result::is_ok).await {
                    Ok(answered) => answered.map_err(|error| reason(&error).into()),
                    Err(_) => Err(reason(&error).into()),
                }
            }
            answered => answered.map_err(|error| reason(&error).into()),
        }
    }
}

async fn look_up(resolver: &TokioResolver, name: &Name, kind: Kind) -> Result<Vec<Record>, NetError> {
    match resolver.lookup(name.clone(), record_type(kind)).await {
        Ok(lookup) => Ok(lookup.answers().iter().filter_map(|answer| record(kind, &answer.data)).collect()),
        Err(NetError::Dns(DnsError::NoRecordsFound(NoRecords {
            response_code: ResponseCode::NoError | ResponseCode::NXDomain,
            ..
        }))) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether a server answered, and said nothing of the name: REFUSED, SERVFAIL and the like (RFC 1035 §4.1.1).
fn is_refusal(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::ResponseCode(_) | DnsError::NoRecordsFound(_)))
}

fn built(servers: &Servers, timeout: Duration) -> Present {
    let say = |error: NetError| Arc::from(format!("no name server can be asked: {error}"));
    let (configuration, options) = match servers {
        Servers::System => read_system_conf().map_err(say)?,
        Servers::These(servers) => {
            let servers = servers.iter().map(|server| {
                let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                connections.iter_mut().for_each(|connection| connection.port = server.port());
                NameServerConfig::new(server.ip(), true, connections)
            });
            (ResolverConfig::from_name_servers(servers.collect()), ResolverOpts::default())
        }
    };
    let build = |configuration, attempts| {
        let builder = TokioResolver::builder_with_config(configuration, TokioRuntimeProvider::default());
        let mut builder = builder.with_options(options.clone());
        set(builder.options_mut(), timeout);
        builder.options_mut().attempts = attempts;
        builder.build()
    };
    let alone = match configuration.name_servers() {
        [] | [_] => Ok(Vec::new()),
        // Each was asked already, so once more is enough.
        several => several.iter().map(|one| build(ResolverConfig::from_name_servers(vec![one.clone()]), 0)).collect(),
    };
    let together = build(configuration, 2);
    Ok(Arc::new(Askable { together: together.map_err(say)?, alone: alone.map_err(say)? }))
}

fn set(options: &mut ResolverOpts, timeout: Duration) {
    options.timeout = timeout;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = KEPT;
    options.max_active_requests = OPEN;
    options.try_tcp_on_error = true;
    options.case_randomization = false;
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Mx => RecordType::MX,
        Kind::Txt => RecordType::TXT,
        Kind::Ptr => RecordType::PTR,
    }
}

/// A record of the wanted type; the aliases on the way to it are none.
fn record(kind: Kind, found: &RData) -> Option<Record> {
    let text = |name: &Name| dotless(&name.to_ascii());
    match (kind, found) {
        (Kind::A, RData::A(a)) => Some(Record::Address(a.0.into())),
        (Kind::Aaaa, RData::AAAA(aaaa)) => Some(Record::Address(aaaa.0.into())),
        (Kind::Mx, RData::MX(mx)) => Some(Record::Exchanger(mx.preference, text(&mx.exchange))),
        (Kind::Txt, RData::TXT(txt)) => Some(Record::Text(txt.txt_data.concat())),
        (Kind::Ptr, RData::PTR(ptr)) => Some(Record::Name(text(&ptr.0))),
        _ => None,
    }
}

fn reason(error: &NetError) -> String {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the name server says {code}"),
        NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, .. })) => {
            format!("the name server says {response_code}")
        }
        NetError::Timeout => "no name server answered in time".to_owned(),
        error => error.to_string(),
    }
}
