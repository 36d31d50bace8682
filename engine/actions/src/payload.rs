//! The payloads of one session, as actions see them.
//!
//! Never: writes one, or outlives the spool that keeps it.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use bytes::Bytes;
use program::PayloadId;

/// The payloads of one session: the server's spool, or a transcript's memory.
pub trait Payloads: Send + Sync {
    /// The payload of that name; absent when the session has none of that name (any more).
    fn payload(&self, id: PayloadId) -> Option<Payload>;

    /// Takes a payload that the session did not receive, and names it. None: nobody would keep it here.
    fn lend(&self, _payload: Payload) -> Option<PayloadId> {
        None
    }
}

/// The octets of one payload.
#[derive(Clone)]
pub enum Payload {
    /// In memory.
    Memory(Bytes),
    /// In a file, from its first octet.
    File {
        /// The open file; it is read by position, so its own position does not matter.
        file: Arc<File>,
        /// How many octets of it are the payload.
        length: u64,
    },
    /// Octets that stand in front of another one.
    Behind(Bytes, Box<Payload>),
    /// It could not be kept: reading it fails with this reason.
    Broken(Arc<str>),
}

/// The names of payloads that were lent begin here; those of received ones begin at 0.
pub const LENT: u32 = 1 << 31;

/// The most octets that are handed on at once.
const CHUNK: u64 = 64 * 1024;

impl Payload {
    /// Its length in octets; 0 when it is broken.
    pub fn length(&self) -> u64 {
        match self {
            Payload::Memory(octets) => octets.len() as u64,
            Payload::File { length, .. } => *length,
            Payload::Behind(head, rest) => head.len() as u64 + rest.length(),
            Payload::Broken(_) => 0,
        }
    }

    /// All of its octets, where they are at hand without waiting for a disk.
    pub fn at_hand(&self) -> Option<&[u8]> {
        match self {
            Payload::Memory(octets) => Some(octets),
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
