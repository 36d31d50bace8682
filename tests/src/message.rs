//! Messages of every shape, made from a seed.
//!
//! Never: draws on the clock or the machine: the same seed gives the same messages.

/// Makes messages, one after the other.
pub struct Generator {
    state: u64,
    number: usize,
}

/// One kind of message: its name, and what makes it.
type Kind = (&'static str, fn(&mut Generator) -> Vec<u8>);

const KINDS: &[Kind] = &[
    ("empty", |_| Vec::new()),
    ("one line end", |_| b"\r\n".to_vec()),
    ("no header", |it| it.lines(3, 40)),
    ("header alone", |_| b"Subject: nothing below\r\n".to_vec()),
    ("plain text", Generator::plain),
    ("leading dots", Generator::dots),
    ("octets above 127", Generator::eight_bit),
    ("long lines", Generator::long_lines),
    ("nested MIME", |it| it.mime(4)),
    ("bare CR and LF", Generator::bare_ends),
    ("NUL and control characters", Generator::controls),
    ("what looks like the end", Generator::false_ends),
    ("every octet", |_| (0..=255).chain(*b"\r\n").collect()),
    ("a header of many fields", Generator::many_fields),
    ("only blank lines", |it| b"\r\n".repeat(1 + it.below(50))),
    ("past the memory of the spool", |it| it.lines(6000, 70)),
];

impl Generator {
    /// A generator that begins with this seed.
    pub fn new(seed: u64) -> Generator {
        Generator { state: seed, number: 0 }
    }

    /// The next message and the name of its kind; the kinds come in turn.
    pub fn message(&mut self) -> (&'static str, Vec<u8>) {
        let (name, make) = KINDS[self.number % KINDS.len()];
        self.number += 1;
        (name, make(self))
    }

    /// How many kinds there are.
    pub fn kinds() -> usize {
        KINDS.len()
    }

    /// A message of so many octets, in lines of text.
    pub fn big(&mut self, octets: usize) -> Vec<u8> {
        let mut text = b"Subject: big\r\n\r\n".to_vec();
        while text.len() + 80 < octets {
            text.extend(self.line(76));
        }
        text.resize(octets - 2, b'x');
        text.extend_from_slice(b"\r\n");
        text
    }

    /// A number below a bound (SplitMix64).
    pub fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    fn line(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        let mut line: Vec<u8> = (0..length).map(|_| b' ' + self.below(95) as u8).collect();
        line.extend_from_slice(b"\r\n");
        line
    }

    fn lines(&mut self, count: usize, most: usize) -> Vec<u8> {
        (0..count).flat_map(|_| self.line(most)).collect()
    }

    fn header(&mut self) -> Vec<u8> {
        let number = self.number;
        format!("From: a@example.net\r\nTo: bob@example.com\r\nSubject: message {number}\r\nMessage-ID: <{number}.{}@example.net>\r\n", self.below(1 << 30)).into_bytes()
    }

    fn plain(&mut self) -> Vec<u8> {
        let count = self.below(60);
        [self.header(), b"\r\n".to_vec(), self.lines(count, 78)].concat()
    }

    fn dots(&mut self) -> Vec<u8> {
        let mut text = [self.header(), b"\r\n".to_vec()].concat();
        for _ in 0..20 {
            text.extend(b".".repeat(self.below(5)));
            text.extend(self.line(6));
        }
        text
    }

    fn eight_bit(&mut self) -> Vec<u8> {
        let mut text = [self.header(), "X-Greeting: Grüße aus 東京 🙂\r\n\r\n".into()].concat();
        for _ in 0..400 {
            text.push(128 + self.below(128) as u8);
            if self.below(40) == 0 {
                text.extend_from_slice(b"\r\n");
            }
        }
        text.extend_from_slice(b"\r\n");
        text
    }

    fn long_lines(&mut self) -> Vec<u8> {
        let mut text = [self.header(), b"\r\n".to_vec()].concat();
        for length in [997, 998, 999, 1000, 1001, 4095, 4096, 4097, 65_536, 10_000 + self.below(100_000)] {
            text.extend(b"m".repeat(length));
            text.extend_from_slice(b"\r\n");
        }
        text
    }

    fn mime(&mut self, depth: usize) -> Vec<u8> {
        if depth == 0 {
            return [b"Content-Type: text/plain; charset=utf-8\r\n\r\n".to_vec(), self.lines(4, 60)].concat();
        }
        let mark = format!("=_{depth}_{}", self.below(1 << 30));
        let mut text =
            if depth == 4 { [self.header(), b"MIME-Version: 1.0\r\n".to_vec()].concat() } else { Vec::new() };
        text.extend(format!("Content-Type: multipart/mixed; boundary=\"{mark}\"\r\n\r\n").into_bytes());
        for _ in 0..2 {
            text.extend(format!("--{mark}\r\n").into_bytes());
            text.extend(self.mime(depth - 1));
        }
        text.extend(format!("--{mark}--\r\n").into_bytes());
        text
    }

    fn bare_ends(&mut self) -> Vec<u8> {
        let mut text = [self.header(), b"\r\n".to_vec()].concat();
        for _ in 0..30 {
            text.extend(self.lines(1, 8));
            text.push(if self.below(2) == 0 { b'\r' } else { b'\n' });
            text.push(b'x');
        }
        text.extend_from_slice(b"\r\n");
        text
    }

    fn controls(&mut self) -> Vec<u8> {
        let mut text = self.header();
        text.extend_from_slice(b"\r\n");
        for _ in 0..200 {
            text.push([0, 1, 7, 8, 9, 11, 12, 26, 27, 127, b'a', b'.'][self.below(12)]);
        }
        text.extend_from_slice(b"\r\n");
        text
    }

    fn false_ends(&mut self) -> Vec<u8> {
        let mut text = [self.header(), b"\r\n".to_vec()].concat();
        for end in
            ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\n.\r\r\n", "\r\n..\r\n", "\r\n.\0\r\n"]
        {
            text.extend(self.lines(1, 8));
            text.extend_from_slice(end.as_bytes());
            text.extend_from_slice(b"MAIL FROM:<smuggled@example.net>\r\nRCPT TO:<bob@example.com>\r\n");
        }
        text
    }

    fn many_fields(&mut self) -> Vec<u8> {
        let mut text = self.header();
        for i in 0..60 {
            text.extend(format!("X-Field-{i}: a value\r\n\tthat goes on\r\n").into_bytes());
        }
        text.extend_from_slice(b"Received: from elsewhere\r\n\tby somewhere; then\r\n\r\n");
        text.extend(self.lines(5, 60));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_messages() {
        let (mut one, mut other) = (Generator::new(7), Generator::new(7));
        for _ in 0..2 * Generator::kinds() {
            assert_eq!(one.message(), other.message());
        }
    }

    #[test]
    fn every_message_can_travel_as_a_dotted_block() {
        let mut generator = Generator::new(1);
        for _ in 0..Generator::kinds() {
            let (kind, octets) = generator.message();
            assert!(octets.is_empty() || octets.ends_with(b"\r\n"), "{kind}");
        }
    }

    #[test]
    fn a_big_message_has_the_wanted_size() {
        assert_eq!(Generator::new(3).big(100_000).len(), 100_000);
    }
}
