//! The payloads of one session, as actions see them.
//!
//! Never: writes one, or outlives the spool that keeps it.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use program::{ParameterKind, PayloadId, Target, Type, Value, Words};

use crate::{count_header, deliver, deliver_to};

/// The payloads of one session: the server's spool, or a transcript's memory.
pub trait Payloads: Send + Sync {
    /// The payload of that name; absent when the session has none of that name (any more).
    fn payload(&self, id: PayloadId) -> Option<Payload>;

    /// An empty text for what the session is told, in memory of its own where it has some to spare.
    fn blank(&self) -> Words {
        Words::default()
    }

    /// Takes a payload that the session did not receive, and names it.
    ///
    /// # Errors
    /// Why it is not kept: there is no memory for it, or no descriptor.
    fn lend(&self, _payload: Payload) -> Result<PayloadId, Arc<str>> {
        Err("no payload is kept here".into())
    }
}

/// The octets of one payload.
#[derive(Clone)]
pub enum Payload {
    /// In memory.
    Memory(Arc<Vec<u8>>),
    /// In a file, from its first octet.
    File {
        /// The open file; it is read by position, so its own position does not matter.
        file: Arc<File>,
        /// How many octets of it are the payload.
        length: u64,
    },
    /// Octets that stand in front of another one.
    Behind(Arc<Vec<u8>>, Box<Payload>),
    /// The head of one that nobody was to read further, and how long the whole was.
    Head(Box<Payload>, u64),
    /// It could not be kept: reading it fails with this reason.
    Broken(Arc<str>),
}

/// The names of payloads that were lent begin here; those of received ones begin at 0.
pub const LENT: u32 = 1 << 31;

/// What who reads further is told; nobody does, or all of it would have been kept.
const UNKEPT: &str = "of this payload only the head was kept";

/// The most octets that are handed on at once.
const CHUNK: u64 = 64 * 1024;

/// How much of payloads a call may read: all, or no more than the beginning.
///
/// `arguments` are those that the listener decides, and `discards` tells whether a sink of that name keeps nothing.
pub fn most_read(target: &Target, arguments: &[Option<&Value>], discards: impl Fn(&str) -> bool) -> u64 {
    let signature = match target {
        Target::Action(signature) => signature,
        // No statement takes a payload; a client may send one.
        Target::Statement(_) => return 0,
        Target::Client(_) => return u64::MAX,
    };
    match (&*signature.name, arguments) {
        (count_header::NAME, _) => count_header::MOST,
        (deliver::NAME, [_, sink]) | (deliver_to::NAME, [_, _, sink]) => match sink {
            Some(Value::Text(sink)) if discards(sink) => 0,
            // A sink that is not set is never delivered to.
            Some(Value::Absent) => 0,
            _ => u64::MAX,
        },
        _ if signature.parameters.iter().any(|parameter| may_hold_payload(&parameter.kind)) => u64::MAX,
        _ => 0,
    }
}

fn may_hold_payload(kind: &ParameterKind) -> bool {
    fn holds(ty: &Type) -> bool {
        match ty {
            Type::Octets | Type::Record(_) => true,
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => holds(inner),
            _ => false,
        }
    }
    match kind {
        ParameterKind::Value(ty) => holds(ty),
        ParameterKind::AnyOf(types) => types.iter().any(holds),
        ParameterKind::OneOf(_) => false,
        ParameterKind::RecordWith(_) => true,
    }
}

impl Payload {
    /// Its length in octets; 0 when it is broken.
    pub fn length(&self) -> u64 {
        match self {
            Payload::Memory(octets) => octets.len() as u64,
            Payload::File { length, .. } => *length,
            Payload::Behind(head, rest) => head.len() as u64 + rest.length(),
            Payload::Head(_, length) => *length,
            Payload::Broken(_) => 0,
        }
    }

    /// What there is of its octets, where it is at hand without waiting for a disk.
    pub fn at_hand(&self) -> Option<&[u8]> {
        match self {
            Payload::Memory(octets) => Some(octets),
            Payload::Head(there, _) => there.at_hand(),
            Payload::File { .. } | Payload::Behind(..) | Payload::Broken(_) => None,
        }
    }

    /// Hands its first `most` octets to `take`, in order and in pieces. Blocks while a file is read.
    ///
    /// # Errors
    /// Why it cannot be read, or what `take` says.
    pub fn read(&self, most: u64, mut take: impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        self.read_into(most, &mut take)
    }

    /// Appends the octets that begin at a position, 64 KiB at the most; none are left when nothing is appended. Blocks
    /// while a file is read.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn piece(&self, position: u64, out: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Payload::Memory(octets) => {
                let from = usize::try_from(position).unwrap_or(usize::MAX).min(octets.len());
                out.extend_from_slice(&octets[from..octets.len().min(from + CHUNK as usize)]);
                Ok(())
            }
            Payload::Behind(head, rest) => match usize::try_from(position) {
                Ok(from) if from < head.len() => {
                    out.extend_from_slice(&head[from..head.len().min(from + CHUNK as usize)]);
                    Ok(())
                }
                _ => rest.piece(position - head.len() as u64, out),
            },
            Payload::Broken(why) => Err(why.to_string()),
            Payload::Head(there, length) => match there.piece(position, out) {
                Ok(()) if (there.length()..*length).contains(&position) => Err(UNKEPT.into()),
                read => read,
            },
            Payload::File { file, length } => {
                let begin = out.len();
                out.resize(begin + length.saturating_sub(position).min(CHUNK) as usize, 0);
                file.read_exact_at(&mut out[begin..], position).map_err(|error| format!("it cannot be read: {error}"))
            }
        }
    }

    fn read_into(&self, most: u64, take: &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        match self {
            Payload::Memory(octets) => {
                let length = usize::try_from(most).unwrap_or(usize::MAX).min(octets.len());
                octets[..length].chunks(CHUNK as usize).try_for_each(take)
            }
            Payload::Behind(head, rest) => {
                let length = usize::try_from(most).unwrap_or(usize::MAX).min(head.len());
                head[..length].chunks(CHUNK as usize).try_for_each(&mut *take)?;
                rest.read_into(most - length as u64, take)
            }
            Payload::Broken(why) => Err(why.to_string()),
            Payload::Head(there, length) => {
                there.read_into(most, take)?;
                if there.length() < most.min(*length) { Err(UNKEPT.into()) } else { Ok(()) }
            }
            Payload::File { file, length } => {
                let end = most.min(*length);
                let mut buffer = vec![0; CHUNK.min(end) as usize];
                let mut position = 0;
                while position < end {
                    let piece = (end - position).min(CHUNK) as usize;
                    file.read_exact_at(&mut buffer[..piece], position)
                        .map_err(|error| format!("the spooled message cannot be read: {error}"))?;
                    take(&buffer[..piece])?;
                    position += piece as u64;
                }
                Ok(())
            }
        }
    }
}
