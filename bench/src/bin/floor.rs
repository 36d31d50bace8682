//! The floor: the dialogue of a receiving mail server, hard-coded on tokio and rustls with no language at all. What a
//! protocol file costs is measured against it. `floor ADDRESS [TLS-ADDRESS CERTIFICATE KEY]`.
//!
//! Never: keeps a message, writes a log, or does less than an engineer would for a server on the open Internet: lines are
//! strict and bounded, order and addresses are held, a silent peer is sent away.

use std::{
    env, io,
    mem::MaybeUninit,
    pin::Pin,
    process::ExitCode,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bench::{credentials, reported};
use memchr::{memchr, memmem};
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a peer may be silent (RFC 5321 section 4.5.3.2).
const IDLE: Duration = Duration::from_secs(300);
/// How long the end of a connection waits for the peer's own.
const LINGER: Duration = Duration::from_secs(2);
/// The most octets of a line.
const LINE: usize = 1000;
/// The most octets of a message.
const MESSAGE: u64 = 35 * 1024 * 1024;
/// The most recipients of a message.
const RECIPIENTS: usize = 1000;
/// The most mistakes of a session.
const MISTAKES: usize = 10;
/// Octets per read.
const NARROW: usize = 4 * 1024;
/// Octets per read while a message comes.
const WIDE: usize = 32 * 1024;
/// What ends a message.
const END: &[u8] = b"\r\n.\r\n";

#[tokio::main]
async fn main() -> ExitCode {
    reported(serve().await)
}

async fn serve() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let usage = || io::Error::other("usage: floor ADDRESS [TLS-ADDRESS CERTIFICATE KEY]");
    let address = arguments.first().ok_or_else(usage)?;
    let tls = match &arguments[1..] {
        [] => None,
        [at, certificate, key] => {
            let (chain, key) = credentials(certificate.as_ref(), key.as_ref())?;
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
                .map_err(io::Error::other)?;
            Some((at, TlsAcceptor::from(Arc::new(config))))
        }
        _ => return Err(usage()),
    };
    let acceptor = tls.as_ref().map(|(_, acceptor)| acceptor.clone());
    if let Some((at, acceptor)) = tls {
        tokio::spawn(listen(bound(at)?, Some(acceptor), true));
    }
    // On a worker: the main thread would have to wake one for each connection.
    tokio::spawn(listen(bound(address)?, acceptor, false)).await.map_err(io::Error::other)
}

fn bound(address: &str) -> io::Result<TcpListener> {
    let address = address.parse().map_err(io::Error::other)?;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    // Answers leave at once: each is one write. Connections inherit it.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, implicit: bool) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // How a session ends is nobody's affair here.
            let _ = converse(stream, acceptor, implicit).await;
        });
    }
}

async fn converse(stream: TcpStream, acceptor: Option<TlsAcceptor>, implicit: bool) -> io::Result<()> {
    let mut session = Session { starttls: acceptor.is_some() && !implicit, ..Session::default() };
    let mut stream = match (implicit, &acceptor) {
        (true, Some(acceptor)) => Stream::Secure(Box::new(acceptor.accept(stream).await?)),
        _ => Stream::Clear(stream),
    };
    session.out.extend_from_slice(b"220 mail.example.com ESMTP ready\r\n");
    let mut asleep = std::pin::pin!(sleep(IDLE));
    loop {
        if session.next == Next::Close {
            stream.hold();
        }
        stream.say(&session.out).await?;
        session.out.clear();
        if session.out.capacity() > 1024 {
            session.out = Vec::new();
        }
        match session.next {
            Next::Read => {}
            Next::Close => return stream.end().await,
            Next::Secure => {
                let (Stream::Clear(clear), Some(acceptor)) = (stream, &acceptor) else { return Ok(()) };
                let secured = timeout(IDLE, acceptor.accept(clear)).await.map_err(io::Error::other)??;
                stream = Stream::Secure(Box::new(secured));
                session = Session::default();
            }
        }
        if stream.hear(&mut session, asleep.as_mut()).await? == 0 {
            return Ok(());
        }
    }
}

/// One connection.
enum Stream {
    Clear(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// What is said from here on leaves in one packet with the end of our side.
    fn hold(&self) {
        let stream = match self {
            Stream::Clear(stream) => stream,
            Stream::Secure(stream) => stream.get_ref().0,
        };
        // Where that fails it leaves in two.
        let _ = SockRef::from(stream).set_tcp_cork(true);
    }

    async fn say(&mut self, octets: &[u8]) -> io::Result<()> {
        if octets.is_empty() {
            return Ok(());
        }
        match self {
            Stream::Clear(stream) => stream.write_all(octets).await,
            Stream::Secure(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
        }
    }

    /// Waits for octets, which the session takes; gives how many there were. The timer is moved when it fires too early:
    /// that costs less than moving it at each command.
    async fn hear(&mut self, session: &mut Session, mut asleep: Pin<&mut Sleep>) -> io::Result<usize> {
        let end = Instant::now() + IDLE;
        std::future::poll_fn(|cx| {
            let heard = match session.body {
                Some(_) => self.poll_hear::<WIDE>(session, cx),
                None => self.poll_hear::<NARROW>(session, cx),
            };
            if heard.is_pending() {
                while asleep.as_mut().poll(cx).is_ready() {
                    if Instant::now() >= end {
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                    asleep.as_mut().reset(end);
                }
            }
            heard
        })
        .await
    }

    /// The buffer lives on the stack for the length of one poll: an idle session holds none.
    fn poll_hear<const N: usize>(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = [MaybeUninit::uninit(); N];
        let mut octets = ReadBuf::uninit(&mut buffer);
        ready!(match self {
            Stream::Clear(stream) => Pin::new(stream).poll_read(cx, &mut octets),
            Stream::Secure(stream) => Pin::new(stream).poll_read(cx, &mut octets),
        })?;
        session.take(octets.filled());
        Poll::Ready(Ok(octets.filled().len()))
    }

    /// Ends our side, and waits a little for the peer's, so that the last answer is not lost by a reset.
    async fn end(&mut self) -> io::Result<()> {
        let ended = async {
            match self {
                Stream::Clear(stream) => stream.shutdown().await,
                Stream::Secure(stream) => stream.shutdown().await,
            }?;
            std::future::poll_fn(|cx| {
                let mut buffer = [MaybeUninit::uninit(); NARROW];
                let mut octets = ReadBuf::uninit(&mut buffer);
                match self {
                    Stream::Clear(stream) => Pin::new(stream).poll_read(cx, &mut octets),
                    Stream::Secure(stream) => Pin::new(stream).poll_read(cx, &mut octets),
                }
            })
            .await
        };
        timeout(LINGER, ended).await.unwrap_or(Ok(()))
    }
}

/// What comes after the answers have left.
#[derive(Default, Clone, Copy, PartialEq)]
enum Next {
    #[default]
    Read,
    Secure,
    Close,
}

/// How far a conversation is.
#[derive(Default)]
struct Session {
    starttls: bool,
    client: Option<String>,
    sender: Option<String>,
    /// The addresses, one behind the other, and where each ends.
    recipients: String,
    ends: Vec<usize>,
    body: Option<Body>,
    unread: Vec<u8>,
    out: Vec<u8>,
    mistakes: usize,
    next: Next,
}

/// A message that comes.
struct Body {
    size: u64,
    /// Its last octets: the end may come in pieces.
    tail: [u8; 4],
}

impl Session {
    fn take(&mut self, octets: &[u8]) {
        if self.unread.is_empty() {
            let rest = self.take_all(octets).len();
            self.unread.extend_from_slice(&octets[octets.len() - rest..]);
        } else {
            let mut all = std::mem::take(&mut self.unread);
            all.extend_from_slice(octets);
            let rest = self.take_all(&all).len();
            all.drain(..all.len() - rest);
            self.unread = if all.is_empty() { Vec::new() } else { all };
        }
        if self.next != Next::Read {
            self.unread = Vec::new();
        }
    }

    /// Takes whole lines and pieces of messages; gives what is left, the beginning of a line.
    fn take_all<'o>(&mut self, mut octets: &'o [u8]) -> &'o [u8] {
        while !octets.is_empty() && self.next == Next::Read {
            if self.body.is_some() {
                octets = self.message(octets);
                continue;
            }
            let Some(end) = line_end(octets) else {
                if octets.len() > LINE {
                    self.out.extend_from_slice(b"500 5.5.2 Line too long\r\n");
                    self.next = Next::Close;
                }
                return octets;
            };
            let (line, rest) = (&octets[..end], &octets[end + 2..]);
            if line.len() > LINE {
                self.mistake(b"500 5.5.2 Line too long\r\n");
            } else {
                self.line(line);
            }
            octets = rest;
        }
        octets
    }

    fn message<'o>(&mut self, octets: &'o [u8]) -> &'o [u8] {
        let Some(body) = &mut self.body else { return octets };
        // The end may lie across the border of what came before.
        let mut border = [0; 8];
        border[..4].copy_from_slice(&body.tail);
        let few = octets.len().min(4);
        border[4..4 + few].copy_from_slice(&octets[..few]);
        let across = memmem::find(&border[..4 + few], END).map(|at| at + 1);
        let end = across.or_else(|| memmem::find(octets, END).map(|at| at + END.len()));
        let Some(end) = end else {
            body.size += octets.len() as u64;
            if octets.len() >= 4 {
                body.tail.copy_from_slice(&octets[octets.len() - 4..]);
            } else {
                body.tail.rotate_left(octets.len());
                body.tail[4 - octets.len()..].copy_from_slice(octets);
            }
            return &[];
        };
        let size = body.size + end as u64;
        self.body = None;
        self.forget();
        self.out.extend_from_slice(match size > MESSAGE {
            true => &b"552 5.3.4 Too big: the limit is 36700160 octets\r\n"[..],
            false => b"250 2.6.0 Stored as discarded\r\n",
        });
        &octets[end..]
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
        self.ends.clear();
    }

    fn mistake(&mut self, answer: &[u8]) {
        self.mistakes += 1;
        if self.mistakes >= MISTAKES {
            self.out.extend_from_slice(b"421 4.7.0 Too many mistakes\r\n");
            self.next = Next::Close;
        } else {
            self.out.extend_from_slice(answer);
        }
    }

    fn line(&mut self, line: &[u8]) {
        let blank = memchr(b' ', line).unwrap_or(line.len());
        let (verb, rest) = (&line[..blank], line[blank..].trim_ascii());
        let mut word = [0; 8];
        if let Some(place) = word.get_mut(..verb.len()) {
            place.copy_from_slice(verb);
            place.make_ascii_uppercase();
        }
        match &word[..verb.len().min(8)] {
            b"EHLO" => self.ehlo(rest),
            b"HELO" => self.helo(rest),
            b"MAIL" => self.mail(rest),
            b"RCPT" => self.rcpt(rest),
            b"DATA" => self.data(),
            b"RSET" => {
                self.forget();
                self.out.extend_from_slice(b"250 2.0.0 Forgotten\r\n");
            }
            b"NOOP" => self.out.extend_from_slice(b"250 2.0.0 OK\r\n"),
            b"STARTTLS" if self.starttls => {
                self.out.extend_from_slice(b"220 2.0.0 Go ahead\r\n");
                self.next = Next::Secure;
            }
            b"QUIT" => {
                self.out.extend_from_slice(b"221 2.0.0 mail.example.com says goodbye\r\n");
                self.next = Next::Close;
            }
            _ => self.mistake(b"500 5.5.2 I do not know that command\r\n"),
        }
    }

    fn greeted(&mut self, name: &[u8]) -> bool {
        let fits =
            !name.is_empty() && name.iter().all(|octet| octet.is_ascii_alphanumeric() || b".-_[]:".contains(octet));
        match std::str::from_utf8(name) {
            Ok(name) if fits => {
                self.client = Some(name.to_string());
                self.forget();
                true
            }
            _ => {
                self.mistake(b"501 Usage: EHLO name\r\n");
                false
            }
        }
    }

    fn ehlo(&mut self, name: &[u8]) {
        if !self.greeted(name) {
            return;
        }
        self.out.extend_from_slice(b"250-mail.example.com greets ");
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(
            b"\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250-SIZE 36700160\r\n",
        );
        if self.starttls {
            self.out.extend_from_slice(b"250-STARTTLS\r\n");
        }
        self.out.extend_from_slice(b"250 HELP\r\n");
    }

    fn helo(&mut self, name: &[u8]) {
        if self.greeted(name) {
            self.out.extend_from_slice(b"250 mail.example.com\r\n");
        }
    }

    fn mail(&mut self, rest: &[u8]) {
        if self.client.is_none() || self.sender.is_some() {
            return self.mistake(b"503 5.5.1 Not now\r\n");
        }
        match path(rest, b"FROM:") {
            Some((address, parameters)) if parameters.is_empty() || known(parameters) => {
                self.out.extend_from_slice(b"250 2.1.0 Sender <");
                self.out.extend_from_slice(address.as_bytes());
                self.out.extend_from_slice(b"> accepted\r\n");
                self.sender = Some(address.to_string());
            }
            Some(_) => self.mistake(b"555 5.5.4 I do not know that parameter\r\n"),
            None => self.mistake(b"501 5.5.2 Usage: MAIL FROM:<address>\r\n"),
        }
    }

    fn rcpt(&mut self, rest: &[u8]) {
        if self.sender.is_none() {
            return self.mistake(b"503 5.5.1 Not now\r\n");
        }
        let Some((address, b"")) = path(rest, b"TO:") else {
            return self.mistake(b"501 5.5.2 Usage: RCPT TO:<address>\r\n");
        };
        if self.ends.len() >= RECIPIENTS {
            return self.out.extend_from_slice(b"452 4.5.3 Too many recipients\r\n");
        }
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        let ours = |domain: &str| ["example.com", "example.org"].iter().any(|ours| domain.eq_ignore_ascii_case(ours));
        let answer = match domain.is_some_and(ours) {
            true => {
                self.recipients.push_str(address);
                self.ends.push(self.recipients.len());
                ("250 2.1.5 Recipient <", "> accepted\r\n")
            }
            false => ("550 5.7.1 I take no mail for <", ">\r\n"),
        };
        for piece in [answer.0, address, answer.1] {
            self.out.extend_from_slice(piece.as_bytes());
        }
    }

    fn data(&mut self) {
        if self.ends.is_empty() {
            return self.mistake(b"503 5.5.1 No recipient yet: RCPT first\r\n");
        }
        self.body = Some(Body { size: 0, tail: *b"\0\0\r\n" });
        self.out.extend_from_slice(b"354 Go ahead; end with a line that holds a single dot\r\n");
    }
}

/// Where the first line ends.
fn line_end(octets: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let end = from + memchr(b'\n', &octets[from..])?;
        if end > 0 && octets[end - 1] == b'\r' {
            return Some(end - 1);
        }
        from = end + 1;
    }
}

/// The address of a path behind its keyword, and what follows it.
fn path<'o>(rest: &'o [u8], keyword: &[u8]) -> Option<(&'o str, &'o [u8])> {
    let (head, rest) = rest.split_at_checked(keyword.len())?;
    let rest = head.eq_ignore_ascii_case(keyword).then(|| rest.trim_ascii_start())?;
    let rest = rest.strip_prefix(b"<")?;
    let end = memchr(b'>', rest)?;
    let address = std::str::from_utf8(&rest[..end]).ok()?;
    let atom = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet > b' ' && octet != 127 && octet != b'@');
    let fits =
        address.is_empty() || address.rsplit_once('@').is_some_and(|(local, domain)| atom(local) && atom(domain));
    fits.then(|| (address, rest[end + 1..].trim_ascii()))
}

/// Whether all parameters of a sender are known ones.
fn known(parameters: &[u8]) -> bool {
    parameters.split(|octet| *octet == b' ').all(|parameter| {
        let keyword = parameter.split(|octet| *octet == b'=').next().unwrap_or_default();
        [&b"SIZE"[..], b"BODY", b"SMTPUTF8"].iter().any(|known| keyword.eq_ignore_ascii_case(known))
    })
}
