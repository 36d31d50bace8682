//! Lines that fit the commands of a program, nearly fit them, or do not.
//!
//! Never: says a secret word where none belongs.

use program::{Expr, Handler, Program, State, TemplatePart, Type, Writing};

use super::SECRET;
use crate::chance::Chance;

/// A line with its end, and what follows it in the same segment.
pub struct Said {
    /// The octets.
    pub octets: Vec<u8>,
}

/// A line for a client whose session is in that state.
pub fn line(chance: &mut Chance, program: &Program, state: &State) -> Said {
    if let Some(request) = &program.wire.request {
        return Said { octets: request_block(chance, program, request) };
    }
    let mut writer = Writer { chance, program, holes: Vec::new(), out: Vec::new() };
    if program.wire.tag.is_some() && !writer.chance.one_in(20) {
        writer.out.extend_from_slice(b"t1 ");
    }
    let here = state.handlers.iter().map(|id| &program.handlers[id.0 as usize]).collect::<Vec<_>>();
    let handler = match writer.chance.below(12) {
        0 => None,
        1 | 2 => writer.chance.some(&program.handlers),
        _ => writer.chance.some(&here).copied(),
    };
    match handler {
        Some(handler) => writer.command(handler),
        None => {
            if writer.program.unexpected.foreign.is_some() && writer.chance.one_in(2) {
                let lines = ["ALIEN", "alien x", "ALIEN2\ta", "ALIENS", "Alien  {3+}", "ALIEN x{}"];
                let line = writer.chance.pick(&lines).replace("{}", &"y".repeat(1200));
                let begin = if writer.chance.one_in(4) { writer.out.len() } else { 0 };
                writer.out.truncate(begin);
                writer.out.extend_from_slice(line.as_bytes());
                writer.end();
                return Said { octets: writer.out };
            }
            let odd = ["", "FOO", "QUIT now", "*", "a b c", ".", "GO", "go 1", "put 3", "PUT 2", "STARTTLS", "zz"];
            let odd = *writer.chance.pick(&odd);
            writer.out.extend_from_slice(odd.as_bytes());
            writer.end();
        }
    }
    Said { octets: writer.out }
}

struct Writer<'a> {
    chance: &'a mut Chance,
    program: &'a Program,
    /// What was put into each hole, by its number.
    holes: Vec<(u8, String)>,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn command(&mut self, handler: &Handler) {
        let begin = self.out.len();
        self.parts(handler, &handler.parts);
        self.spoil(begin);
        if let Some(payload) = &handler.payload
            && payload.count.is_none()
        {
            let length = self.chance.below(16);
            let plus = if self.chance.one_in(3) { "" } else { "+" };
            self.out.extend_from_slice(format!(" {{{length}{plus}}}").as_bytes());
            self.end();
            self.out.extend((0..length).map(|at| b"abcdefghijklmnop"[at]));
        }
        self.end();
        let count = handler.payload.as_ref().and_then(|payload| payload.count.as_ref());
        if let Some(count) = count.and_then(|count| self.counted(count)) {
            self.payload(count);
        }
    }

    /// Sometimes a line is not what it should be.
    fn spoil(&mut self, begin: usize) {
        if self.chance.one_in(25) {
            let length = 50 + self.chance.below(1200);
            self.out.push(b' ');
            self.out.extend(std::iter::repeat_n(b'y', length));
        }
        if self.chance.one_in(25) && self.out.len() > begin {
            let at = begin + self.chance.below(self.out.len() - begin);
            self.out[at] = *self.chance.pick(b" \t\0\xFF\"{\ra");
        }
        if self.chance.one_in(20) {
            self.out[begin..].make_ascii_lowercase();
        } else if self.chance.one_in(20) {
            self.out[begin..].make_ascii_uppercase();
        }
        if self.chance.one_in(15) {
            self.out.push(b' ');
        }
        if self.chance.one_in(25) {
            self.out.extend_from_slice(b" more");
        }
    }

    fn end(&mut self) {
        self.out.extend_from_slice(self.program.wire.line_end.octets());
    }

    /// How many octets the line says that follow it.
    fn counted(&self, count: &Expr) -> Option<usize> {
        let Expr::Capture(hole) = count else { return None };
        let text = self.holes.iter().find(|(number, _)| number == hole)?;
        text.1.parse().ok().filter(|count| *count < 5000)
    }

    /// A payload; what it holds would be commands, if it were taken for any.
    fn payload(&mut self, count: usize) {
        let mut octets = match self.chance.below(4) {
            0 => b"QUIT\r\n".repeat(count / 6 + 1),
            1 => b"GO\r\nPUT\r\n".repeat(count / 9 + 1),
            _ => b"abcdefgh\r\n".repeat(count / 10 + 1),
        };
        octets.truncate(count);
        self.out.extend(octets);
    }

    fn parts(&mut self, handler: &Handler, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(text) => self.out.extend_from_slice(text.as_bytes()),
                TemplatePart::Optional(inner) => {
                    if self.chance.one_in(2) {
                        self.parts(handler, inner);
                    }
                }
                TemplatePart::Hole(number) => {
                    let Some(capture) = handler.captures.get(usize::from(*number)) else { continue };
                    let text = hole(self.chance, self.program, &capture.ty);
                    self.out.extend_from_slice(text.as_bytes());
                    self.holes.push((*number, text));
                }
                TemplatePart::Request => {}
            }
        }
    }
}

/// The text of a hole.
fn hole(chance: &mut Chance, program: &Program, ty: &Type) -> String {
    let texts: &[&str] = match ty {
        Type::Optional(inner) => return hole(chance, program, inner),
        Type::Secret(_) => return format!("{SECRET}{}", chance.below(10)),
        Type::Number { least, most } => {
            let numbers = [0, 1, 2, 3, 9, 10, *least, *most, least.saturating_sub(1), most.saturating_add(1)];
            return if chance.one_in(15) { "abc".into() } else { chance.pick(&numbers).to_string() };
        }
        Type::Size => &["0", "1", "2", "3", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "99", "x"],
        Type::YesNo => &["yes", "no", "YES", "x"],
        Type::Ip => &["192.0.2.1", "::1", "1.2.3"],
        Type::Network => &["10.0.0.0/8"],
        Type::Domain => &["example.com", "EXAMPLE.com", "a", "a..b"],
        Type::HeloName => &["client.example", "[192.0.2.1]", "x_y"],
        Type::ReversePath => &["<a@b.c>", "<>", "<\"a b\"@c.d>", "<a@[1.2.3.4]>", "a@b", "<ä@b.c>"],
        Type::ForwardPath => &["<ann@example.com>", "<bob@example.org>", "<postmaster>", "<x@elsewhere.net>", "<>"],
        Type::Base64 => &["=", "YQ==", "AGFubgBwdw==", "YQ", "!!"],
        Type::List(element) => {
            let elements: Vec<String> = (0..1 + chance.below(3)).map(|_| hole(chance, program, element)).collect();
            return elements.join(" ");
        }
        Type::Params(id) => return params(chance, &program.params[usize::from(id.0)]),
        Type::Written(writing) => match writing {
            Writing::Quoted => &["\"a\"", "\"a \\\" b\"", "\"\""],
            Writing::Literal => &["{3+}\r\nabc", "{0+}\r\n"],
            Writing::String => &["\"a\"", "{3+}\r\na b", "\"x"],
            Writing::Atom => &["abc", "\"q q\"", "{2+}\r\nhi", "INBOX", "*", "%"],
        },
        Type::Lexical(id) => {
            let lexeme = &program.lexemes[usize::from(id.0)];
            if !chance.one_in(4) {
                return lexeme.sample.to_string();
            }
            &["abc", "LAST", "x", "1"]
        }
        Type::Word => &["a", "b", "A", "word", "é", "longer-word"],
        _ => &["a", "hello world", "b c", "é", "x"],
    };
    (*chance.pick(texts)).into()
}

fn params(chance: &mut Chance, params: &program::ParamsType) -> String {
    let mut given = Vec::new();
    for keyword in &params.keywords {
        if chance.one_in(2) {
            let value = keyword.value.is_some().then(|| *chance.pick(&["1", "2", "10", "x"]));
            given.push(value.map_or(keyword.text.to_string(), |value| format!("{}={value}", keyword.text)));
        }
    }
    if chance.one_in(5) {
        given.push("FOO=bar".into());
    }
    if given.is_empty() { "FOO".into() } else { given.join(" ") }
}

/// A block of attributes.
fn request_block(chance: &mut Chance, program: &Program, request: &program::Attributes) -> Vec<u8> {
    let end = program.wire.line_end.octets();
    let mut out = Vec::new();
    for known in request.known.iter() {
        for _ in 0..usize::from(!chance.one_in(4)) + usize::from(chance.one_in(12)) {
            let value = if known.secret {
                format!("{SECRET}attribute")
            } else {
                hole(chance, program, &program.lexemes[usize::from(known.lexeme.0)].ty)
            };
            let value = if chance.one_in(10) { String::new() } else { value };
            out.extend_from_slice(known.name.as_bytes());
            out.extend_from_slice(request.separator.as_bytes());
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(end);
        }
    }
    if chance.one_in(15) {
        out.extend_from_slice(b"no separator");
        out.extend_from_slice(end);
    }
    out.extend_from_slice(end);
    out
}
