//! Values that may be absent where they are used, as promises of a draft: that they are present there. So what plays a
//! draft sees the very moment at which one is absent.
//!
//! Never: stands in a program that may be run; each comes with an error.

use diagnostic::Span;
use program::{Expr, Moment, Origin, Promise, Site, Unless};

use crate::{check::work::Part, compile::Compiler, rules};

/// For how many uses it is shown how they come about; more are findings no less.
const MOST: usize = 1000;

/// A use of a value that may be absent.
pub(super) struct Doubt {
    origin: Origin,
    known: String,
    site: Site,
}

impl Compiler<'_> {
    /// The next instruction uses a value that may be absent.
    pub(super) fn doubt(&mut self, span: Span, known: &str, value: &Expr) {
        // Each keeps all that stands before it in its condition.
        let size = 2 + 2 * self.lowered.only_if.len();
        if !self.findings.hears(&rules::types::MAY_BE_ABSENT)
            || self.lowered.doubts.len() >= MOST
            || !self.keep(Part::Bodies, size)
        {
            return;
        }
        let present = Expr::Present(Box::new(value.clone()));
        // Where what stands before it decides, it is not looked at.
        let passed_over = self.lowered.only_if.iter().map(|condition| Expr::Not(Box::new(condition.clone())));
        let unless = std::iter::once(present).chain(passed_over).map(Unless::Holds).collect();
        let site = Site { moment: Moment::Before(self.here()), unless };
        self.lowered.doubts.push(Doubt { origin: self.origin(span), known: known.to_owned(), site });
    }

    /// One promise for each place in the text, with every place in the code that was made of it.
    pub(super) fn doubted(&mut self) -> Vec<Promise> {
        let mut promises: Vec<Promise> = Vec::new();
        for Doubt { origin, known, site } in std::mem::take(&mut self.lowered.doubts) {
            let Origin { file, line, column } = origin;
            let text = format!("`{known}` is present at {file}:{line}:{column}");
            match promises.iter_mut().find(|promise| *promise.text == *text) {
                Some(promise) => promise.sites.push(site),
                None => promises.push(Promise { text: text.into(), origin, sites: vec![site] }),
            }
        }
        promises
    }
}
