//! What is known by which name at one place of a generated file.
//!
//! Never: forbids a name. One that hides another is wanted: what the checker knows of names must be right.

/// The types that the generator plays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Text,
    Number,
    /// The declared range `gate`.
    Gate,
    Size,
    YesNo,
    Time,
    Path,
    Domain,
    Secret,
    Octets,
    /// A list of words.
    Words,
    /// The declared record `bag`.
    Bag,
    /// What the statement `one` gives.
    Row,
    /// What the statement `many` gives.
    Rows,
    /// The declared parameters `opts`.
    Params,
}

impl Kind {
    /// The type as the file names it in a hole, if a line can carry it.
    pub(super) fn hole(self) -> Option<&'static str> {
        Some(match self {
            Kind::Word => "word",
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Gate => "gate",
            Kind::Size => "size",
            Kind::YesNo => "yes_no",
            Kind::Path => "reverse_path",
            Kind::Domain => "domain",
            Kind::Secret => "secret word",
            Kind::Params => "opts",
            Kind::Time | Kind::Octets | Kind::Words | Kind::Bag | Kind::Row | Kind::Rows => return None,
        })
    }
}

/// One name.
#[derive(Debug, Clone)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether it may be absent here.
    pub(super) optional: bool,
}

impl Var {
    pub(super) fn new(name: &str, kind: Kind) -> Var {
        Var { name: name.into(), kind, optional: false }
    }

    pub(super) fn perhaps(self, optional: bool) -> Var {
        Var { optional, ..self }
    }
}

/// All names at one place; a later one hides an earlier one.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(Vec<Var>);

impl Scope {
    pub(super) fn of(vars: &[Var]) -> Scope {
        Scope(vars.to_vec())
    }

    pub(super) fn add(&mut self, var: Var) {
        self.0.push(var);
    }

    /// The names that are not hidden.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Var> {
        let hidden = |at: usize| self.0[at + 1..].iter().any(|later| later.name == self.0[at].name);
        self.0.iter().enumerate().filter(move |(at, _)| !hidden(*at)).map(|(_, var)| var)
    }

    /// Those that are there for certain.
    pub(super) fn certain(&self) -> Vec<Var> {
        self.seen().filter(|var| !var.optional).cloned().collect()
    }

    /// Those that are there for certain, of one kind.
    pub(super) fn of_kind(&self, kind: Kind) -> Vec<String> {
        self.seen().filter(|var| !var.optional && var.kind == kind).map(|var| var.name.clone()).collect()
    }

    pub(super) fn optional(&self) -> Vec<Var> {
        self.seen().filter(|var| var.optional).cloned().collect()
    }

    /// The same, where these names are known to be there.
    pub(super) fn knowing(&self, present: &[String]) -> Scope {
        let mut scope = self.clone();
        for name in present {
            if let Some(var) = scope.0.iter_mut().rev().find(|var| var.name == *name) {
                var.optional = false;
            }
        }
        scope
    }
}
