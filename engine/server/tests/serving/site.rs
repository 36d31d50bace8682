//! A server with a small protocol and a world that does as it is told, and a client that says what it expects.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actions::{
    Actions,
    world::{Answer, Bench, Ceiling, Cell, Kind, Message, NotStored, Record, Table, World},
};
use machine::{Binding, Service};
use program::{Program, Statement, Words};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use server::{
    admission::Admission,
    client::{Dialer, Trust},
    clock::{Clock, Names},
    endpoint::{ListeningSocket, LocalPeers},
    findings::{Findings, Format},
    privileges::on_loopback,
    protocols::Protocols,
    serving::{
        server::Running,
        version::{ListenerSettings, Patience, Shared},
    },
    spool::{SpoolPlace, descriptors::Files},
    tls::{Pair, self_signed},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

const SOON: Duration = Duration::from_secs(20);

/// What a test may change.
pub(crate) struct Options {
    pub(crate) tls_first: bool,
    pub(crate) per_address: usize,
    pub(crate) spool_missing: bool,
    pub(crate) protocol: &'static str,
    pub(crate) ceiling: Arc<Ceiling>,
    pub(crate) files: usize,
}

/// A running server.
pub(crate) struct Rig {
    pub(crate) running: Running,
    pub(crate) world: Arc<Told>,
    pub(crate) folder: TempDir,
    pub(crate) certificate: String,
}

pub(crate) fn rig(change: impl FnOnce(&mut Options)) -> Rig {
    let mut options = Options {
        tls_first: false,
        per_address: 100,
        spool_missing: false,
        protocol: include_str!("sample.proto.dsl"),
        ceiling: Arc::new(Ceiling::none()),
        files: 100,
    };
    change(&mut options);
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(Told::default());
    let spool = if options.spool_missing { "/proc/none".into() } else { folder.path().to_path_buf() };
    let site = Arc::new(Shared {
        actions: Arc::new(Actions::new(world.clone())),
        caller: Arc::new(Arc::new(Dialer::new(Trust::new(None).unwrap()))),
        spool: Arc::new(SpoolPlace {
            directory: spool,
            memory: 4096,
            ceiling: options.ceiling.clone(),
            files: Arc::new(Files::new(options.files)),
        }),
        patience: Patience::default(),
        admission: Arc::new(Admission::new(100, options.per_address).under(options.ceiling)),
        clock: Clock::real(),
        names: Arc::new(Names::new()),
        sessions: Arc::default(),
        counters: Arc::default(),
    });
    let binding = Binding { name: "mail.example.com".into(), ..Binding::default() };
    let service = Arc::new(Service::bind(sample(options.protocol), &binding).unwrap());
    let (certificate, key) = self_signed("mail.example.com").unwrap();
    let none = Path::new("");
    let pair = Pair::from_pem((none, certificate.as_bytes()), (none, key.as_bytes())).unwrap();
    let door = ListenerSettings {
        service,
        pair: Some(pair),
        tls_first: options.tls_first,
        proxies: Vec::new(),
        local: LocalPeers::default(),
        most_read: u64::MAX,
        rehearsal: None,
    };
    let socket = ListeningSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let rights = on_loopback(socket.endpoint().inet()).unwrap();
    let running = Running::serve(site, vec![(socket, Arc::new(door))], &rights).unwrap();
    Rig { running, world, folder, certificate }
}

impl Rig {
    /// Waits until no session is left.
    pub(crate) async fn until_empty(&self) {
        while self.running.shared().admission.open() > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

fn sample(text: &str) -> Arc<Program> {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    protocols.add("sample", "sample.proto.dsl", text, &mut findings);
    let program = protocols.named("sample").flatten().cloned();
    program.unwrap_or_else(|| panic!("{}", findings.render(Format::Short, false)))
}

/// A world whose statements do what their parameter says.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) asked: AtomicUsize,
    pub(crate) cancelled: AtomicUsize,
}

impl Told {
    /// Waits until something was counted that often.
    pub(crate) async fn until(&self, counter: &AtomicUsize, times: usize) {
        let counted = async {
            while counter.load(Ordering::SeqCst) < times {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, counted).await.expect("it happens in time");
    }
}

struct Cancelled<'a>(&'a AtomicUsize);

impl Drop for Cancelled<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl World for Told {
    fn dns<'a>(&'a self, _: &'a str, _: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
        Answer::now(Ok(vec![]))
    }

    fn sql<'a>(&'a self, _: &'a Arc<Statement>, parameters: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Answer::later(async move {
            let Some(Cell::Text(word)) = parameters.first() else { return Err("no word".into()) };
            let _cancelled = (word == "never").then(|| Cancelled(&self.cancelled));
            match word.as_str() {
                "panic" => panic!("as it was told"),
                "never" => std::future::pending().await,
                "slow" => sleep(Duration::from_millis(300)).await,
                _ => {}
            }
            Ok(Table { columns: vec!["found".into()], rows: vec![vec![Cell::Integer(1)]], ..Table::default() })
        })
    }

    fn deliver<'a>(&'a self, _: &'a str, _: Message) -> Answer<'a, Result<Words, NotStored>> {
        Answer::now(Err(NotStored::Failed("nowhere".into())))
    }

    fn work(&self, _: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
        Answer::later(async move { job() })
    }

    fn admits(&self, _: IpAddr) -> bool {
        true
    }

    fn limit(&self, span: Duration) -> Answer<'_, ()> {
        Answer::later(sleep(span))
    }

    fn grace(&self, span: Duration) -> Answer<'_, ()> {
        Answer::later(sleep(span))
    }
}

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// A client, in the clear or under TLS.
pub(crate) struct Client {
    stream: BufReader<Box<dyn Both>>,
    clear: Option<std::net::TcpStream>,
    certificate: String,
}

impl Client {
    pub(crate) async fn connect(rig: &Rig) -> Client {
        Client::to(rig.running.endpoints()[0].inet().unwrap(), &rig.certificate).await
    }

    async fn to(address: SocketAddr, certificate: &str) -> Client {
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        let clear = stream.try_clone().unwrap();
        let stream: Box<dyn Both> = Box::new(TcpStream::from_std(stream).unwrap());
        Client { stream: BufReader::new(stream), clear: Some(clear), certificate: certificate.into() }
    }

    /// Begins TLS and verifies the certificate by its own roots.
    pub(crate) async fn upgrade(mut self) -> Client {
        assert!(self.stream.buffer().is_empty(), "octets in the clear before TLS");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // The boxed stream shares its descriptor with the one that is kept, so it can be replaced.
        let clear = TcpStream::from_std(self.clear.take().unwrap()).unwrap();
        drop(self.stream);
        let name = ServerName::try_from("mail.example.com").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, clear).await.unwrap();
        let stream: Box<dyn Both> = Box::new(stream);
        Client { stream: BufReader::new(stream), clear: None, certificate: self.certificate }
    }

    pub(crate) fn stream(&mut self) -> &mut (impl AsyncWrite + Unpin) {
        &mut self.stream
    }

    pub(crate) async fn say(&mut self, octets: &str) {
        self.stream.write_all(octets.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub(crate) async fn expect(&mut self, answer: &str) {
        assert_eq!(self.line().await, answer);
    }

    /// The next line.
    #[allow(dead_code, reason = "not every test looks at a line itself")]
    pub(crate) async fn hear(&mut self) -> String {
        self.line().await
    }

    pub(crate) async fn expect_start(&mut self, start: &str) {
        let line = self.line().await;
        assert!(line.starts_with(start), "{line}");
    }

    pub(crate) async fn expect_end(&mut self) {
        let mut rest = String::new();
        let read = timeout(SOON, self.stream.read_to_string(&mut rest)).await.expect("an end in time");
        assert_eq!((read.unwrap(), rest.as_str()), (0, ""));
    }

    /// Reads until the connection is gone, however it goes.
    pub(crate) async fn drain(&mut self) {
        let mut rest = Vec::new();
        let _ = timeout(SOON, self.stream.read_to_end(&mut rest)).await.expect("an end in time");
    }

    /// Says that no more will come.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Breaks the connection off.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(self.clear.as_ref().unwrap());
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(SOON, self.stream.read_line(&mut line)).await.expect("an answer in time").unwrap();
        assert!(line.ends_with("\r\n"), "the connection ended: {line:?}");
        line.trim_end().to_string()
    }
}
