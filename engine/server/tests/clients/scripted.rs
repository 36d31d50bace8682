//! A server that plays a script to one client and tells where it was played otherwise.
//!
//! ```text
//! S: 220 hello          a line, with its end         S| "25\r"   exactly these octets
//! C: HELLO              this line must come          C: ...      a dotted block, whatever is in it
//! --- tls               the handshake                --- close   the end of the connection
//! --- pause 300         milliseconds                 --- silence nothing more, until the client ends
//! --- endless x         a line without an end        --- eof     the client must end
//! ```
//!
//! Never: is a server; it knows nothing.

use std::{net::SocketAddr, path::Path, time::Duration};

use server::tls::{Pair, self_signed};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running script.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    /// The certificate, PEM.
    pub(crate) certificate: String,
    playing: JoinHandle<Result<Vec<u8>, String>>,
}

trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}

impl Scripted {
    pub(crate) async fn play(script: &str) -> Scripted {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (certificate, key) = self_signed("localhost").unwrap();
        let none = Path::new("");
        let pair = Pair::from_pem((none, certificate.as_bytes()), (none, key.as_bytes())).unwrap();
        let script: Vec<String> = script.lines().map(|line| line.trim_start().to_owned()).collect();
        let playing = tokio::spawn(async move {
            let accepted = timeout(PATIENCE, socket.accept()).await.map_err(|_| "nobody came".to_owned())?;
            let stream = accepted.map_err(|error| error.to_string())?.0;
            run(stream, &script, &pair).await
        });
        Scripted { address, certificate, playing }
    }

    /// The dotted blocks that came, or what was played otherwise.
    pub(crate) async fn played(self) -> Result<Vec<u8>, String> {
        self.playing.await.unwrap()
    }
}

async fn run(stream: TcpStream, script: &[String], pair: &Pair) -> Result<Vec<u8>, String> {
    let mut blocks = Vec::new();
    let mut stream: BufReader<Box<dyn Stream>> = BufReader::new(Box::new(stream));
    for line in script.iter().filter(|line| !line.is_empty()) {
        let broke = |error: std::io::Error| format!("{line}: {error}");
        if let Some(text) = line.strip_prefix("S: ") {
            stream.write_all(format!("{text}\r\n").as_bytes()).await.map_err(broke)?;
        } else if let Some(text) = line.strip_prefix("S| ") {
            let text = text.trim_matches('"').replace("\\r", "\r").replace("\\n", "\n");
            stream.write_all(text.as_bytes()).await.map_err(broke)?;
        } else if line == "C: ..." {
            block(&mut stream, &mut blocks).await.map_err(broke)?;
        } else if let Some(wanted) = line.strip_prefix("C: ") {
            let mut came = String::new();
            timeout(PATIENCE, stream.read_line(&mut came))
                .await
                .map_err(|_| format!("{line}: nothing came"))?
                .map_err(broke)?;
            if came != format!("{wanted}\r\n") {
                return Err(format!("{line}: {came:?} came"));
            }
        } else if line == "--- tls" {
            if !stream.buffer().is_empty() {
                return Err("octets came in the clear behind the word for TLS".into());
            }
            let inner = stream.into_inner();
            let secured = TlsAcceptor::from(pair.config()).accept(inner).await;
            stream = BufReader::new(Box::new(secured.map_err(broke)?));
        } else if line == "--- close" {
            let _ = stream.shutdown().await;
            return Ok(blocks);
        } else if let Some(milliseconds) = line.strip_prefix("--- pause ") {
            sleep(Duration::from_millis(milliseconds.parse().unwrap())).await;
        } else if let Some(text) = line.strip_prefix("--- endless ") {
            // The client ends, and then this fails; that is all that is wanted.
            for _ in 0..1_000_000 {
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return Ok(blocks);
                }
            }
            return Err("the client took a line without an end".into());
        } else if line == "--- eof" || line == "--- silence" {
            let mut rest = Vec::new();
            let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
            let _ = ended.map_err(|_| format!("{line}: the client did not end"))?;
            if !rest.is_empty() && line == "--- eof" {
                return Err(format!("{line}: {:?} came", String::from_utf8_lossy(&rest)));
            }
        } else {
            panic!("no such step: {line}");
        }
    }
    Ok(blocks)
}

/// Reads a dotted block as it stands on the wire.
async fn block(stream: &mut BufReader<Box<dyn Stream>>, blocks: &mut Vec<u8>) -> std::io::Result<()> {
    let from = blocks.len();
    loop {
        if stream.read_until(b'\n', blocks).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if blocks[from..] == *b".\r\n" || blocks.ends_with(b"\r\n.\r\n") {
            return Ok(());
        }
    }
}
