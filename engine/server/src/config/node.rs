//! YAML text as a tree in which every key and value knows its place.
//!
//! Never: knows a key of the configuration. All contact with the YAML reader is here.

use std::fmt;

use diagnostic::{FileId, Span};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_yaml::{Location, Spanned, options::DuplicateKeyPolicy};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Nothing was written.
    Nothing,
    /// A text, a number, a yes or no: the characters as written, without their quotes.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with their places, and values, in the order of the file.
    Map(Vec<(String, Span, Node)>),
}

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Broken {
    /// Where.
    pub span: Span,
    /// The reader's message.
    pub message: String,
}

/// Reads a text; an empty one is an empty map.
///
/// # Errors
/// The first place where the text is no YAML, or says one key twice.
pub(super) fn read(file: FileId, text: &str) -> Result<Node, Broken> {
    // Keys that stand twice are passed on: the reader of sections reports them with everything else.
    let options = serde_yaml::options! { duplicate_keys: DuplicateKeyPolicy::PassThrough, emit_comments: false };
    match serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => {
            let root = Place { file, text }.node(raw);
            let empty = matches!(root.kind, Kind::Nothing);
            Ok(if empty { Node { span: root.span, kind: Kind::Map(Vec::new()) } } else { root })
        }
        Err(error) => {
            let span = error.location().map_or(Span { file, start: 0, end: 0 }, |at| Place { file, text }.span(&at));
            let shown = error.without_snippet().render();
            Err(Broken { span, message: first_line(&shown) })
        }
    }
}

/// The reader ends its messages with the place, which the finding shows anyway.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.split_once(": ").filter(|(head, _)| head.starts_with("error")).map_or(line, |(_, rest)| rest);
    line.split(" at line ").next().unwrap_or(line).trim_end_matches('.').to_string()
}

struct Place<'a> {
    file: FileId,
    text: &'a str,
}

enum Raw {
    Nothing,
    /// A text, quotes and escapes already worked in.
    Text(String),
    /// Something that YAML gives a type to: its spelling is taken from the source.
    Typed,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Key>, Spanned<Raw>)>),
}

struct Key(String);

impl Place<'_> {
    fn node(&self, raw: Spanned<Raw>) -> Node {
        let span = self.span(&raw.referenced);
        let kind = match raw.value {
            Raw::Nothing => Kind::Nothing,
            Raw::Text(text) => Kind::Scalar(text),
            Raw::Typed => {
                let written = self.span(&raw.defined);
                Kind::Scalar(self.text[written.start as usize..written.end as usize].trim().to_string())
            }
            Raw::List(items) => Kind::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.value.0, self.span(&key.referenced), self.node(value)))
                    .collect(),
            ),
        };
        Node { span, kind }
    }

    fn span(&self, location: &Location) -> Span {
        let length = self.text.len() as u64;
        let start = location.span().byte_offset().unwrap_or(0).min(length);
        let end = start.saturating_add(location.span().byte_len().unwrap_or(0)).min(length);
        let (mut start, mut end) = (start as usize, end as usize);
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        // A map or a list is pointed at by its first line, and never by the blanks behind it.
        let shown = self.text[start..end].lines().next().unwrap_or("").trim_end();
        Span { file: self.file, start: start as u32, end: (start + shown.len()) as u32 }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        String::deserialize(deserializer).map(Key)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        fn show(node: &Node, text: &str) -> String {
            let at = &text[node.span.start as usize..node.span.end as usize];
            match &node.kind {
                Kind::Nothing => "-".into(),
                Kind::Scalar(scalar) => format!("{scalar}<{at}>"),
                Kind::List(items) => format!("[{}]", items.iter().map(|i| show(i, text)).collect::<Vec<_>>().join(" ")),
                Kind::Map(entries) => {
                    let shown = entries.iter().map(|(key, span, value)| {
                        format!("{key}<{}>={}", &text[span.start as usize..span.end as usize], show(value, text))
                    });
                    format!("{{{}}}", shown.collect::<Vec<_>>().join(" "))
                }
            }
        }
        let shown = match read(FileId(0), text) {
            Ok(node) => show(&node, text),
            Err(broken) => format!("! {} @{}", broken.message, broken.span.start),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_value_keeps_its_spelling_and_its_place() {
        check("a: 2525\nb: yes\nc: \"x y\"\n", "{a<a>=2525<2525> b<b>=yes<yes> c<c>=x y<\"x y\">}");
        check("a: 0010\nb: 1e3\nc:\n", "{a<a>=0010<0010> b<b>=1e3<1e3> c<c>=-}");
        check("a: [1, 'é', ~]", "{a<a>=[1<1> é<'é'> -]}");
        check("a: &x 12\nb: *x\n", "{a<a>=12<12> b<b>=12<*x>}");
    }

    #[test]
    fn an_empty_text_is_an_empty_map() {
        check("", "{}");
        check("# nothing\n", "{}");
    }

    #[test]
    fn what_is_no_yaml_is_said_with_its_place() {
        check("a: [1\n", "! unclosed bracket '[' @0");
    }
}
