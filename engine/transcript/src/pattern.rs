//! What a line is expected to look like, whether one does, and where it first does not.
//!
//! Never: takes more than the product of both lengths in time.

use std::collections::BTreeMap;

/// What names are bound to.
pub type Bindings = BTreeMap<String, Vec<u8>>;

/// An expected line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of an expected line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These octets.
    Literal(Vec<u8>),
    /// Octets that were written as `<=base64 "…">`.
    Computed {
        /// The octets.
        octets: Vec<u8>,
        /// How it was written.
        source: String,
    },
    /// Anything.
    Any,
    /// Something of that kind, which the name is then bound to.
    Bind(String, Kind),
    /// What the name is bound to.
    Bound(String),
}

/// What a name can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// At least one octet, no blank.
    Word,
    /// At least one digit.
    Number,
    /// Anything.
    Text,
}

/// Where a line parts from what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The octet of the line behind the longest run that fits.
    pub received: usize,
    /// The octet of the pattern as [`Pattern::written`] writes it.
    pub expected: usize,
}

impl Kind {
    /// The name of a kind.
    pub const NAMES: [(&'static str, Kind); 3] = [("word", Kind::Word), ("number", Kind::Number), ("text", Kind::Text)];

    /// Whether the octet may stand in something of this kind.
    pub(crate) fn takes(self, octet: u8) -> bool {
        match self {
            Kind::Word => octet != b' ' && octet != b'\t',
            Kind::Number => octet.is_ascii_digit(),
            Kind::Text => true,
        }
    }

    /// Whether it may be empty.
    pub(crate) fn may_be_empty(self) -> bool {
        self == Kind::Text
    }

    fn name(self) -> &'static str {
        Kind::NAMES[self as usize].0
    }
}

impl Part {
    /// How it is written in a transcript.
    pub fn written(&self) -> String {
        match self {
            Part::Literal(octets) => escaped_literal(octets),
            Part::Computed { source, .. } => source.clone(),
            Part::Any => "<*>".into(),
            Part::Bind(name, kind) => format!("<?{name}: {}>", kind.name()),
            Part::Bound(name) => format!("<?{name}>"),
        }
    }

    /// The octets that it stands for, when they are known.
    fn octets<'a>(&'a self, bindings: &'a Bindings) -> Option<&'a [u8]> {
        match self {
            Part::Literal(octets) | Part::Computed { octets, .. } => Some(octets),
            Part::Bound(name) => Some(bindings.get(name).map_or(b"", Vec::as_slice)),
            Part::Any | Part::Bind(..) => None,
        }
    }

    /// The kind of what it lets through, when its octets are not known.
    fn kind(&self) -> Kind {
        match self {
            Part::Bind(_, kind) => *kind,
            _ => Kind::Text,
        }
    }
}

impl Pattern {
    /// How it is written in a transcript.
    pub fn written(&self) -> String {
        self.parts.iter().map(Part::written).collect()
    }

    /// What the line binds, when it matches. `<*>` and texts take as little as they can, words and numbers as much.
    pub fn matches(&self, line: &[u8], bindings: &Bindings) -> Option<Bindings> {
        let fits = self.fits(line, bindings);
        if !fits[0][0] {
            return None;
        }
        let (mut at, mut bound) = (0, Bindings::new());
        for (index, part) in self.parts.iter().enumerate() {
            let end = match part.octets(bindings) {
                Some(octets) => at + octets.len(),
                None => self.end_of(index, at, line, &fits),
            };
            if let Part::Bind(name, _) = part {
                bound.insert(name.clone(), line[at..end].to_vec());
            }
            at = end;
        }
        Some(bound)
    }

    /// Where the line first differs; only asked of a line that does not match.
    pub fn difference(&self, line: &[u8], bindings: &Bindings) -> Difference {
        let mut reached = vec![false; line.len() + 1];
        reached[0] = true;
        let mut written = 0;
        for part in &self.parts {
            let mut next = vec![false; line.len() + 1];
            let mut furthest: Option<Difference> = None;
            for at in (0..=line.len()).filter(|at| reached[*at]) {
                let Some(octets) = part.octets(bindings) else {
                    let kind = part.kind();
                    let run = line[at..].iter().take_while(|octet| kind.takes(**octet)).count();
                    (at + usize::from(!kind.may_be_empty())..=at + run).for_each(|end| next[end] = true);
                    furthest = Some(Difference { received: at, expected: written });
                    continue;
                };
                let same = line[at..].iter().zip(octets).take_while(|(a, b)| a == b).count();
                if same == octets.len() {
                    next[at + same] = true;
                } else if furthest.is_none_or(|furthest| at + same > furthest.received) {
                    let literal = matches!(part, Part::Literal(_));
                    let shown = if literal { escaped_literal(&octets[..same]).len() } else { 0 };
                    furthest = Some(Difference { received: at + same, expected: written + shown });
                }
            }
            if !next.contains(&true) {
                return furthest.unwrap_or(Difference { received: 0, expected: written });
            }
            written += part.written().len();
            reached = next;
        }
        Difference { received: reached.iter().rposition(|is| *is).unwrap_or(0), expected: written }
    }

    /// `fits[i][p]`: parts from the i-th on match the line from octet p on.
    fn fits(&self, line: &[u8], bindings: &Bindings) -> Vec<Vec<bool>> {
        let length = line.len();
        let mut fits = vec![vec![false; length + 1]; self.parts.len() + 1];
        fits[self.parts.len()][length] = true;
        for (index, part) in self.parts.iter().enumerate().rev() {
            let (here, behind) = fits.split_at_mut(index + 1);
            let (here, behind) = (&mut here[index], &behind[0]);
            match part.octets(bindings) {
                Some(octets) => {
                    for at in 0..=length {
                        here[at] = line[at..].starts_with(octets) && behind[at + octets.len()];
                    }
                }
                None => {
                    let kind = part.kind();
                    let mut longer = false; // One octet and more of this kind lead to a fit.
                    for at in (0..=length).rev() {
                        longer = at < length && kind.takes(line[at]) && (behind[at + 1] || longer);
                        here[at] = longer || (kind.may_be_empty() && behind[at]);
                    }
                }
            }
        }
        fits
    }

    /// Where the part that begins at `at` ends, in a line that matches.
    fn end_of(&self, index: usize, at: usize, line: &[u8], fits: &[Vec<bool>]) -> usize {
        let kind = self.parts[index].kind();
        let run = line[at..].iter().take_while(|octet| kind.takes(**octet)).count();
        let mut ends = (at + usize::from(!kind.may_be_empty())..=at + run).filter(|end| fits[index + 1][*end]);
        let end = if kind == Kind::Text { ends.next() } else { ends.next_back() };
        end.unwrap_or(at)
    }
}

/// Literal octets as a transcript writes them: what would begin a part is doubled.
pub(crate) fn escaped_literal(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let mut written = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        written.push(letter);
        if letter == '<' && matches!(rest.peek(), Some('*' | '?' | '=')) {
            written.push('<');
        }
    }
    written
}
