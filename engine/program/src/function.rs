//! The functions of the language: how each is written, what it takes, and what is said of what it gives. The checker and the
//! proof know of a function what stands here; what it does stands in `machine`.
//!
//! Never: computes one.

/// A function whose value hangs on its arguments alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pure {
    /// Elements of a list, octets of a text or a payload.
    Size,
    /// Whether a text, a path or a list of them is plain ASCII.
    Ascii,
    /// Whether a path, or each of a list of them, is written as RFC 5321 §4.1.2 has it.
    Strict,
    /// A text or a secret in base64 (RFC 4648 §4); of a secret, a secret.
    Base64,
    /// Login and password as one initial response of the PLAIN mechanism (RFC 4616 §2), in base64, as a secret.
    Plain,
    /// Whether one of the lines begins with the first word and has all others behind it, without regard to case.
    Offered,
    /// The network that an address lies in, with so many bits of IPv4 or of IPv6.
    NetworkOf,
    /// A text in double quotes, a backslash before quotes and backslashes in it.
    Quoted,
    /// The elements of a list as one text.
    Joined,
    /// Whether the text is like the pattern, in which `*` stands for anything and `%` for anything without a `/`.
    Matches,
    /// The text before the first mark; all of it where there is none, or the mark is empty.
    Until,
    /// The records of a list whose number in that field is in the ranges, where `*` is the greatest of the list. As a list
    /// in the same order; the field is its index.
    Chosen,
    /// A moment in UTC, its parts put into the form: `YYYY`, `MM`, `Mon`, `DD`, `HH`, `mm`, `SS`.
    Date,
    /// A text where a secret is declared: from there on it is one. A secret stays what it is. Nobody writes it.
    Hidden,
}

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A text, a path, a list or a payload.
    Sized,
    /// A text or a path.
    Text,
    /// A text, a path, or a list of them.
    Texts,
    /// A path, or a list of them.
    Paths,
    /// A text, a path or a secret.
    TextOrSecret,
    /// What is printed as a text.
    Printable,
    /// A list of what is printed as a text.
    Printables,
    /// A list of texts.
    Lines,
    /// An address of the network.
    Ip,
    /// A number.
    Number,
    /// A moment.
    Time,
    /// A list of records.
    Records,
    /// The name of a field of those records that is a number, written down; its index is what is given.
    NumberField,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// A number from 0 on.
    Number,
    /// Yes or no; no where an argument is absent.
    Truth,
    /// A text.
    Text,
    /// Base64, and a secret if an argument is one.
    Base64,
    /// A secret in base64.
    Secret,
    /// A network.
    Network,
    /// What its first argument is.
    Same,
}

/// How a function is written and typed.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Its name.
    pub name: &'static str,
    /// As an author writes it.
    pub usage: &'static str,
    /// What it takes, in order.
    pub takes: &'static [Takes],
    /// What it gives.
    pub makes: Makes,
    /// Whether it gives something whatever its arguments are, absent ones included.
    pub always: bool,
}

const fn form(
    name: &'static str,
    usage: &'static str,
    takes: &'static [Takes],
    (makes, always): (Makes, bool),
) -> Form {
    Form { name, usage, takes, makes, always }
}

impl Pure {
    /// Those that an author can write.
    pub const ALL: [Pure; 13] = [
        Pure::Size,
        Pure::Ascii,
        Pure::Strict,
        Pure::Base64,
        Pure::Plain,
        Pure::Offered,
        Pure::NetworkOf,
        Pure::Quoted,
        Pure::Joined,
        Pure::Matches,
        Pure::Until,
        Pure::Chosen,
        Pure::Date,
    ];

    /// The function of that name.
    pub fn named(name: &str) -> Option<Pure> {
        Pure::ALL.into_iter().find(|function| function.form().name == name)
    }

    /// How it is written, what it takes and what it gives.
    pub const fn form(self) -> Form {
        use Takes::{
            Ip, Lines, Number, NumberField, Paths, Printable, Printables, Records, Sized, Text, TextOrSecret, Texts,
            Time,
        };
        match self {
            Pure::Size => form("size", "size(x)", &[Sized], (Makes::Number, true)),
            Pure::Ascii => form("ascii", "ascii(x)", &[Texts], (Makes::Truth, true)),
            Pure::Strict => form("strict", "strict(x)", &[Paths], (Makes::Truth, true)),
            Pure::Base64 => form("base64", "base64(x)", &[TextOrSecret], (Makes::Base64, true)),
            Pure::Plain => form("plain", "plain(login, password)", &[TextOrSecret; 2], (Makes::Secret, true)),
            Pure::Offered => form("offered", "offered(lines, \"WORD\")", &[Lines, Text], (Makes::Truth, true)),
            Pure::NetworkOf => {
                form("network_of", "network_of(address, 24, 64)", &[Ip, Number, Number], (Makes::Network, false))
            }
            Pure::Quoted => form("quoted", "quoted(text)", &[Printable], (Makes::Text, true)),
            Pure::Joined => form(
                "joined",
                "joined(list, \"before each\", \"between\")",
                &[Printables, Text, Text],
                (Makes::Text, true),
            ),
            Pure::Matches => form("matches", "matches(text, pattern)", &[Text; 2], (Makes::Truth, true)),
            Pure::Until => form("until", "until(text, mark)", &[Text; 2], (Makes::Text, false)),
            Pure::Chosen => {
                form("chosen", "chosen(list, \"field\", ranges)", &[Records, NumberField, Text], (Makes::Same, true))
            }
            Pure::Date => form("date", "date(time, \"DD-Mon-YYYY\")", &[Time, Text], (Makes::Text, false)),
            Pure::Hidden => form("", "", &[TextOrSecret], (Makes::Secret, false)),
        }
    }
}
