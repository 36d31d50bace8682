//! Lets one server work, and prints what it cost: `load session 127.0.0.1:2525 --process PID`.
//!
//! Never: sends anything to another machine.

use std::{io, net::SocketAddr, process::ExitCode, time::Duration};

use bench::{Target, Tree, WORKLOADS, Workload, idle, raise_descriptors, reported, run};
use clap::Parser;

/// Lets one server work, and prints what it cost.
#[derive(Parser)]
struct Arguments {
    /// The work: session, noop, starttls, …
    work: String,
    /// The port that begins in the clear
    address: SocketAddr,
    /// The port that begins with TLS
    #[arg(long)]
    tls: Option<SocketAddr>,
    /// The process of the server, whose cost is read
    #[arg(long)]
    process: u32,
    /// How long, in seconds
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Opens that many idle connections instead, and prints what each holds resident
    #[arg(long)]
    idle: Option<usize>,
}

fn main() -> ExitCode {
    reported(measure())
}

fn measure() -> io::Result<()> {
    let arguments = Arguments::parse();
    let known = || io::Error::other(format!("the work is one of {}", WORKLOADS.join(", ")));
    let workload = Workload::named(&arguments.work).ok_or_else(known)?;
    let ours = |address: SocketAddr| address.ip().is_loopback();
    if !ours(arguments.address) || !arguments.tls.is_none_or(ours) {
        return Err(io::Error::other("only servers of this machine are measured"));
    }
    raise_descriptors()?;
    let target = Target { clear: arguments.address, tls: arguments.tls };
    let tree = Tree::of(arguments.process);
    match arguments.idle {
        Some(many) => println!("{:.0} octets for each idle connection", idle(&workload, target, &tree, many)?),
        None => println!("{}", run(&workload, target, &tree, Duration::from_secs(arguments.seconds))?),
    }
    Ok(())
}
