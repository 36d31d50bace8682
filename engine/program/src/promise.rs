//! Promises, as they stand at each place where they could be broken.
//!
//! Never: holds or is broken by itself; `proof` looks ahead, and the player of conversations watches.

use std::sync::Arc;

use crate::{Expr, Origin, Pc, StateId};

/// `promise "…" { never EVENT unless CONDITION }`.
#[derive(Debug, Clone)]
pub struct Promise {
    /// What it says, in the author's words.
    pub text: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
    /// Every place where its event can happen.
    pub sites: Vec<Site>,
}

/// One place where the event of a promise can happen.
#[derive(Debug, Clone)]
pub struct Site {
    /// The place.
    pub moment: Moment,
    /// It is kept when one of these holds; none of them holds by itself.
    pub unless: Vec<Unless>,
}

/// When an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// This instruction is about to be executed.
    Before(Pc),
    /// The session has come into this state, its facts supplied.
    In(StateId),
}

/// What keeps a promise.
#[derive(Debug, Clone, PartialEq)]
pub enum Unless {
    /// A condition that holds, as it is seen from the site.
    Holds(Expr),
    /// A call that was answered so, earlier in the same body.
    Answered {
        /// The name of what was asked.
        name: Arc<str>,
        /// The index of the outcome.
        outcome: usize,
    },
    /// The line that is carried out does not begin so, though others that fit its template do.
    Otherwise(Beginning),
}

/// How a line may begin. A blank, or a run of them, stands for one blank or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The text.
    pub text: Arc<str>,
    /// Whether ASCII case counts.
    pub exact_case: bool,
}

impl Beginning {
    /// Whether a line begins so.
    pub fn begins(&self, line: &[u8]) -> bool {
        let mut rest = line;
        let mut wanted = self.text.as_bytes();
        while let [first, others @ ..] = wanted {
            let alike = |octet: &u8| if self.exact_case { octet == first } else { octet.eq_ignore_ascii_case(first) };
            let Some((_, behind)) = rest.split_first().filter(|(octet, _)| alike(octet)) else { return false };
            (wanted, rest) = (others, behind);
            if *first == b' ' {
                (wanted, rest) = (past_blanks(wanted), past_blanks(rest));
            }
        }
        true
    }
}

fn past_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|octet| **octet == b' ').count();
    &text[blanks..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_so() {
        let begins =
            |text: &str, exact_case, line: &str| Beginning { text: text.into(), exact_case }.begins(line.as_bytes());
        assert!(begins("", false, "") && begins("", true, "MAIL"));
        assert!(begins("AUTH  LOGIN", false, "auth login") && begins("AUTH LOGIN", false, "AUTH   LOGINX"));
        assert!(!begins("AUTH LOGIN", true, "auth LOGIN") && begins("AUTH LOGIN", true, "AUTH LOGIN"));
        assert!(
            !begins("AUTH LOGIN", false, "AUTH") && !begins("AUTH ", false, "AUTH") && !begins("AUTH ", false, "AUTHX")
        );
    }
}
