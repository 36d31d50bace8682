//! `saywhen passwd`: makes a hash of a password, for a table of users.
//!
//! Never: takes a password from the arguments, where every user of the machine can read it, or shows one.

use std::{
    fs::File,
    io::{self, BufRead, IsTerminal, Read, Write},
};

use actions::Scheme;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use program::Secret;

use crate::exit::{Exit, Fault};

/// What may follow `passwd`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How the hash is made
    #[arg(long, value_enum, default_value_t)]
    scheme: Name,
}

/// The names of the schemes on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Name {
    /// As Debian makes it for new users, 16 MiB
    #[default]
    Yescrypt,
    /// 19 MiB, two passes
    Argon2id,
    /// Cost 12; passwords of up to 72 octets
    Bcrypt,
    /// 100,000 rounds
    #[value(name = "sha512-crypt")]
    Sha512Crypt,
}

/// The most octets that are read.
const MOST: usize = 4096;

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let password = if io::stdin().is_terminal() { typed() } else { piped() }?;
    let scheme = match arguments.scheme {
        Name::Yescrypt => Scheme::Yescrypt,
        Name::Argon2id => Scheme::Argon2id,
        Name::Bcrypt => Scheme::Bcrypt,
        Name::Sha512Crypt => Scheme::Sha512Crypt,
    };
    let mut salt = [0; 16];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut salt)).map_err(|error| {
        Fault::new(Exit::Denied, format!("/dev/urandom cannot be read: {error}"), "run it where it is there")
    })?;
    let hash = actions::make(scheme, &password, salt)
        .map_err(|why| Fault::new(Exit::Findings, why, "choose another password, or another --scheme"))?;
    // Who closes the pipe has seen enough.
    let _ = writeln!(io::stdout(), "{hash}");
    Ok(Exit::Done)
}

/// The first line of standard input.
fn piped() -> Result<Secret, Fault> {
    let mut line = Vec::new();
    let read = io::stdin().lock().take(MOST as u64).read_until(b'\n', &mut line);
    read.map_err(|error| unread(&error))?;
    while let Some(b'\n' | b'\r') = line.last() {
        line.pop();
    }
    Ok(Secret::new(&line))
}

/// What is typed twice, without an echo.
fn typed() -> Result<Secret, Fault> {
    let first = ask("Password: ")?;
    let again = ask("Once more: ")?;
    if first != again {
        return Err(Fault::new(Exit::Findings, "the two are not the same", "type the same password twice"));
    }
    Ok(first)
}

fn ask(prompt: &str) -> Result<Secret, Fault> {
    let mut terminal = io::stderr();
    // A prompt that cannot be shown is no reason not to read.
    let _ = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
    let hidden = Hidden::begin().map_err(|error| unread(&error))?;
    let line = line();
    drop(hidden);
    let _ = writeln!(terminal);
    line
}

/// One line, key by key: backspace takes one back, Ctrl-U all of them, Ctrl-C and Ctrl-D at the start end it.
fn line() -> Result<Secret, Fault> {
    let mut octets: Vec<u8> = Vec::new();
    let mut key = [0];
    while io::stdin().lock().read(&mut key).map_err(|error| unread(&error))? > 0 {
        match key[0] {
            b'\n' | b'\r' => break,
            0x03 => return Err(Fault::new(Exit::Findings, "broken off", "nothing was made")),
            0x04 if octets.is_empty() => break,
            0x15 => octets.clear(),
            // A character may be several octets; those that go on begin with the bits 10.
            0x08 | 0x7f => while octets.pop().is_some_and(|octet| octet & 0xc0 == 0x80) {},
            octet if octets.len() < MOST => octets.push(octet),
            _ => {}
        }
    }
    Ok(Secret::new(&octets))
}

fn unread(error: &io::Error) -> Fault {
    let help = "type it at a terminal, or give it as a line of standard input";
    Fault::new(Exit::Findings, format!("no password can be read: {error}"), help)
}

/// A terminal that shows nothing of what is typed, and sends no signals, so that nothing ends before it shows again.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Hidden> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &hidden)?;
        Ok(Hidden(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.0);
    }
}
