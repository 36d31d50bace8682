//! Line ends of stored messages: another program may have written them with a bare LF, or left the last one out.
//!
//! Never: holds more than a piece of a message.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use memchr::memchr_iter;

const PIECE: usize = 64 * 1024;

/// How many octets a message has where each line of it, the last one too, ends in CR LF (RFC 1939 §11).
pub(super) fn length(file: &File) -> io::Result<u64> {
    let mut length = 0;
    each(file, |piece, bare| {
        length += piece.len() as u64 + bare as u64;
        Ok(())
    })?;
    file.rewound()?;
    Ok(length)
}

/// The message with such line ends, in a file without a name: `folder` is where files in the making lie.
pub(super) fn mended(file: &File, folder: &Path) -> io::Result<File> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let name = format!("mended.{}.{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let path = folder.join(name);
    let mut made = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    each(file, |piece, bare| {
        let end = piece.len() - bare;
        made.write_all(&piece[..end])?;
        if bare > 0 { made.write_all(b"\r\n") } else { Ok(()) }
    })?;
    file.rewound()?;
    made.rewound()?;
    Ok(made)
}

/// Gives the octets of a file piece by piece. Behind each piece stands how many octets of its end are a bare LF: 1 or 0.
/// A last line without its end gets one, as a piece of its own.
fn each(mut file: &File, mut take: impl FnMut(&[u8], usize) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut last = None;
    loop {
        let read = file.read(&mut buffer)?;
        let piece = &buffer[..read];
        let Some(&end) = piece.last() else { break };
        let mut from = 0;
        for at in memchr_iter(b'\n', piece) {
            let before = if at > 0 { Some(piece[at - 1]) } else { last };
            if before != Some(b'\r') {
                take(&piece[from..=at], 1)?;
                from = at + 1;
            }
        }
        if from < read {
            take(&piece[from..], 0)?;
        }
        last = Some(end);
    }
    if last.is_some_and(|last| last != b'\n') { take(b"\n", 1) } else { Ok(()) }
}

/// Back to the first octet.
trait Rewound {
    fn rewound(&self) -> io::Result<()>;
}

impl Rewound for File {
    fn rewound(&self) -> io::Result<()> {
        let mut file: &File = self;
        file.seek(SeekFrom::Start(0)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test writes files")]

    use std::fs;

    use super::*;

    #[test]
    fn every_line_ends_as_on_the_wire_and_is_counted_so() {
        let folder = tempfile::tempdir().unwrap();
        for (stored, wanted) in [
            ("", ""),
            ("a\r\nb\r\n", "a\r\nb\r\n"),
            ("a\nb\n", "a\r\nb\r\n"),
            ("a\r\nb", "a\r\nb\r\n"),
            ("\n\n.\n", "\r\n\r\n.\r\n"),
            ("a\rb\r", "a\rb\r\r\n"),
            (&"line\n".repeat(30_000), &"line\r\n".repeat(30_000)),
            (&"line\r\n".repeat(30_000), &"line\r\n".repeat(30_000)),
        ] {
            let path = folder.path().join("message");
            fs::write(&path, stored).unwrap();
            let file = File::open(&path).unwrap();
            assert_eq!(length(&file).unwrap(), wanted.len() as u64);
            let mut text = String::new();
            mended(&file, folder.path()).unwrap().read_to_string(&mut text).unwrap();
            assert!(text == wanted, "{:?} is {:?}", &stored[..stored.len().min(20)], &text[..text.len().min(20)]);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what is mended has no name");
    }
}
