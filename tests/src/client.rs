//! A client of plain sockets: it says exactly what a test wants said, and reads answers strictly.
//!
//! Never: mends what the server says.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// How long the client waits for an octet before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub struct Client {
    reader: BufReader<TcpStream>,
}

/// One answer: its lines without their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The code of the last line.
    pub code: u16,
    /// The lines, codes included.
    pub lines: Vec<String>,
}

/// A message with its envelope.
#[derive(Debug, Clone)]
pub struct Message {
    /// The address behind `MAIL FROM:`, without brackets.
    pub sender: String,
    /// The addresses behind `RCPT TO:`, without brackets.
    pub recipients: Vec<String>,
    /// The octets of the message.
    pub octets: Vec<u8>,
    /// Whether it travels in counted chunks of at most so many octets, rather than as a dotted block.
    pub chunks: Option<usize>,
}

impl Client {
    /// Connects to a port of this machine, without reading the greeting.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn connect(port: u16) -> io::Result<Client> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Client { reader: BufReader::new(stream) })
    }

    /// The port that it speaks from.
    ///
    /// # Panics
    /// The socket has no address.
    pub fn local_port(&self) -> u16 {
        self.reader.get_ref().local_addr().expect("a connected socket has an address").port()
    }

    /// Connects, reads the greeting, and says `EHLO`.
    ///
    /// # Panics
    /// The server greets with anything but 220 and 250.
    pub fn greeted(port: u16) -> Client {
        let mut client = Client::connect(port).expect("the server listens");
        assert_eq!(client.answer().expect("a greeting").code, 220);
        assert_eq!(client.ask("EHLO client.example.net").code, 250);
        client
    }

    /// The socket.
    pub fn stream(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    /// Sends octets as they are.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(octets)
    }

    /// Reads one answer.
    ///
    /// # Errors
    /// The connection ended, or the answer is not of the form `CODE-text … CODE text`.
    pub fn answer(&mut self) -> io::Result<Answer> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            let misfit = || io::Error::new(io::ErrorKind::InvalidData, format!("not an answer: {line:?}"));
            let code: u16 = line.get(..3).and_then(|code| code.parse().ok()).ok_or_else(misfit)?;
            let last = match line.as_bytes().get(3) {
                Some(b'-') => false,
                Some(b' ') | None => true,
                Some(_) => return Err(misfit()),
            };
            lines.push(line);
            if last {
                return Ok(Answer { code, lines });
            }
        }
    }

    /// Sends one line and reads its answer.
    ///
    /// # Panics
    /// The connection is gone.
    pub fn ask(&mut self, line: &str) -> Answer {
        self.send(format!("{line}\r\n").as_bytes()).unwrap_or_else(|error| panic!("cannot send `{line}`: {error}"));
        self.answer().unwrap_or_else(|error| panic!("no answer to `{line}`: {error}"))
    }

    /// Delivers a message and gives the first answer that refuses, or the last one.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn deliver(&mut self, message: &Message) -> io::Result<Answer> {
        let mut envelope = format!("MAIL FROM:<{}>\r\n", message.sender);
        for recipient in &message.recipients {
            envelope += &format!("RCPT TO:<{recipient}>\r\n");
        }
        self.send(envelope.as_bytes())?;
        let mut refused = None;
        for _ in 0..=message.recipients.len() {
            let answer = self.answer()?;
            if answer.code == 421 {
                // The server says goodbye, whatever was asked: nothing comes behind it.
                return Ok(answer);
            }
            if answer.code >= 400 {
                refused.get_or_insert(answer);
            }
        }
        match (refused, message.chunks) {
            (Some(answer), _) => Ok(answer),
            (None, Some(most)) => self.in_chunks(&message.octets, most),
            (None, None) => self.as_block(&message.octets),
        }
    }

    fn as_block(&mut self, octets: &[u8]) -> io::Result<Answer> {
        self.send(b"DATA\r\n")?;
        let asked = self.answer()?;
        if asked.code != 354 {
            return Ok(asked);
        }
        self.send(&stuffed(octets))?;
        self.answer()
    }

    fn in_chunks(&mut self, octets: &[u8], most: usize) -> io::Result<Answer> {
        let mut rest = octets;
        while rest.len() > most {
            let (chunk, behind) = rest.split_at(most);
            self.send(format!("BDAT {}\r\n", chunk.len()).as_bytes())?;
            self.send(chunk)?;
            let answer = self.answer()?;
            if answer.code >= 400 {
                return Ok(answer);
            }
            rest = behind;
        }
        self.send(format!("BDAT {} LAST\r\n", rest.len()).as_bytes())?;
        self.send(rest)?;
        self.answer()
    }

    /// Says `QUIT` and reads to the end of the connection.
    ///
    /// # Panics
    /// The answer is not 221, or octets come behind it.
    pub fn quit(mut self) {
        assert_eq!(self.ask("QUIT").code, 221);
        assert!(self.is_over(), "octets come behind the farewell");
    }

    /// Waits for the end of the connection; `false` when octets come instead.
    pub fn is_over(&mut self) -> bool {
        matches!(self.reader.fill_buf(), Ok([]) | Err(_))
    }

    /// Sends no more, and still reads.
    pub fn finish(&self) {
        let _ = self.stream().shutdown(Shutdown::Write);
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = line.strip_suffix(b"\r\n").ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a line without CR LF: {:?}", String::from_utf8_lossy(&line)),
            )
        })?;
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}

impl Message {
    /// A message from a sender to `bob@example.com`, as a dotted block.
    pub fn new(sender: &str, octets: impl Into<Vec<u8>>) -> Message {
        Message {
            sender: sender.into(),
            recipients: vec!["bob@example.com".into()],
            octets: octets.into(),
            chunks: None,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join(" / "))
    }
}

/// A message as a dotted block: a dot in front of each line that begins with one, and the end behind it. A message
/// that does not end with a line end cannot be said in this way, so it must.
fn stuffed(octets: &[u8]) -> Vec<u8> {
    assert!(octets.is_empty() || octets.ends_with(b"\r\n"), "a dotted block ends with a line end");
    let mut block = Vec::with_capacity(octets.len() + 16);
    let mut at_start = true;
    for (i, octet) in octets.iter().enumerate() {
        if at_start && *octet == b'.' {
            block.push(b'.');
        }
        block.push(*octet);
        at_start = *octet == b'\n' && i > 0 && octets[i - 1] == b'\r';
    }
    block.extend_from_slice(b".\r\n");
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dot_behind_cr_lf_is_doubled() {
        for (octets, block) in [
            ("", ".\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("a\n.b\r\n", "a\n.b\r\n.\r\n"),
            ("a\r.b\r\n..c\r\n", "a\r.b\r\n...c\r\n.\r\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&stuffed(octets.as_bytes())), block);
        }
    }
}
