//! What goes into the run of a client and what comes out of it.
//!
//! Never: owns what it shows, but for the outcome.

use std::time::Duration;

use program::{Level, Octets, Outcome, Words};

use crate::Tls;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The first input of every run.
    Begin,
    /// The connection is there.
    Connected,
    /// Octets came. Only given while [`Client::wants_input`](super::Client::wants_input).
    Bytes(&'a [u8]),
    /// The dotted block is sent to its end.
    Sent,
    /// TLS is up.
    Secured(Tls),
    /// There is no connection, or no TLS, or a payload cannot be read, or the connection broke.
    Broken(&'a str),
    /// The deadline has passed.
    Timeout,
    /// The other side will send no more.
    Eof,
}

/// What is to be done, in this order.
#[derive(Debug)]
pub enum Effect<'a> {
    /// Look the host up, if it is a name, and connect; answer with [`Input::Connected`].
    Connect {
        /// A name, or an address.
        host: &'a str,
        /// The port.
        port: u16,
    },
    /// Send these octets: a line with its end.
    Send(&'a [u8]),
    /// Send header fields and a payload through [`Dots`](super::Dots); answer with [`Input::Sent`].
    SendLines {
        /// Whole header fields that stand in front of the payload, without their final line end.
        headers: &'a [Words],
        /// The payload.
        octets: Octets,
    },
    /// Begin TLS on the connection; answer with [`Input::Secured`]. Not an octet of cleartext is unread.
    Secure {
        /// The host that the certificate must be good for.
        name: &'a str,
        /// Whether it must be.
        verified: bool,
    },
    /// Give [`Input::Timeout`] at this time of [`Now::elapsed`](crate::Now::elapsed), and no other one.
    Deadline(Option<Duration>),
    /// Write a line of the log.
    Log(Level, &'a str),
    /// A line from the other side.
    Heard(&'a str),
    /// A line to the other side, without its end; secrets in it are `***`.
    Said(&'a str),
    /// This is the outcome. Send what is unsent, close, and feed no more.
    Give(Outcome),
}

/// Takes effects as they arise.
pub trait Effects {
    /// Takes one.
    fn effect(&mut self, effect: Effect<'_>);
}
