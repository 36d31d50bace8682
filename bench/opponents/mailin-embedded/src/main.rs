//! An SMTP server made of the crate `mailin-embedded`: it accepts every recipient and discards every message, for that is
//! what a handler without methods of its own does.
//!
//! Usage: `mailin-opponent PORT CERTIFICATE KEY`.
//!
//! Never: writes a log (no logger is installed), or limits commands, recipients or sizes (the crate has no limits).

use std::{
    env,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use mailin_embedded::{Handler, Server, SslConfig};
use socket2::{Domain, Socket, Type};

/// One thread serves one session to its end, so this is the number of parallel sessions.
const THREADS: u32 = 1200;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

#[derive(Clone)]
struct Discard;

impl Handler for Discard {}

fn main() -> Result<(), Box<dyn Error>> {
    let [_, port, cert_path, key_path]: [String; 4] =
        env::args().collect::<Vec<_>>().try_into().map_err(|_| "usage: mailin-opponent PORT CERTIFICATE KEY")?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // Accepted sockets take it over. The crate writes each reply by itself, and without it a reply of a pipelined session
    // would wait for the acknowledgement of the one before.
    socket.set_tcp_nodelay(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?)).into())?;
    socket.listen(BACKLOG)?;
    let mut server = Server::new(Discard);
    server
        .with_name("mailin.example.net")
        .with_num_threads(THREADS)
        .with_ssl(SslConfig::SelfSigned { cert_path, key_path })?
        .with_tcp_listener(socket.into());
    Ok(server.serve()?)
}
