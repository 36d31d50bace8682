//! Which secrets a peer may send, worked out from the program when it is bound.
//!
//! Never: looks at a line.

use program::{Handler, HandlerId, Op, Pc, Program};

/// What a program expects from its peers and must not show.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// A peer sends secrets at all: in a line, as the answer to a prompt, in a request.
    pub(crate) any: bool,
    /// Some command with a secret in it begins with a hole: any line may be meant for it.
    pub(crate) unnamed: bool,
    /// Some prompt asks for a secret.
    pub(crate) prompts: bool,
    /// By verb: whether some command of it has a secret in its line.
    verbs: Vec<bool>,
    /// By handler: whether its line has a secret in it.
    handlers: Vec<bool>,
    /// By handler: whether its body may ask for a secret, or that of another one with its verb.
    asking: Vec<bool>,
    /// By verb: whether a body of it may ask for a secret.
    asking_verbs: Vec<bool>,
}

impl Secrets {
    /// Looks at all that a peer may be asked for.
    pub(super) fn of(program: &Program) -> Secrets {
        let holds = |handler: &Handler| handler.captures.iter().any(|capture| program.holds_secret(&capture.ty));
        let handlers: Vec<bool> = program.handlers.iter().map(holds).collect();
        let (mut verbs, mut unnamed) = (vec![false; program.verbs.len()], false);
        for (handler, _) in program.handlers.iter().zip(&handlers).filter(|(_, secret)| **secret) {
            let named = program.verbs.get(usize::from(handler.verb)).is_some_and(|verb| !verb.text.is_empty());
            unnamed |= !named;
            verbs.get_mut(usize::from(handler.verb)).into_iter().for_each(|verb| *verb = true);
        }
        let asks = |op: &Op| matches!(op, Op::Prompt(prompt) if prompt.secret);
        let prompts = program.code.iter().any(asks);
        let (mut asking, mut asking_verbs) = (Vec::new(), vec![false; program.verbs.len()]);
        if prompts {
            let leading = leading(program, asks);
            let leads = |at: Pc| leading.get(at.0 as usize).copied().unwrap_or(false);
            asking.extend(program.handlers.iter().map(|handler| leads(handler.entry)));
            for (handler, _) in program.handlers.iter().zip(&asking).filter(|(_, asks)| **asks) {
                asking_verbs.get_mut(usize::from(handler.verb)).into_iter().for_each(|verb| *verb = true);
            }
            for (handler, asks) in program.handlers.iter().zip(&mut asking) {
                *asks |= asking_verbs.get(usize::from(handler.verb)).copied().unwrap_or(false);
            }
        }
        let attributes = program.wire.request.iter().flat_map(|request| &request.known).any(|known| known.secret);
        let any = prompts || attributes || unnamed || verbs.contains(&true);
        Secrets { any, unnamed, prompts, verbs, handlers, asking, asking_verbs }
    }

    /// Whether some command of the verb has a secret in its line.
    pub(crate) fn verb(&self, verb: u16) -> bool {
        self.verbs.get(usize::from(verb)).copied().unwrap_or(false)
    }

    /// Whether the line of a handler has a secret in it.
    pub(crate) fn handler(&self, id: HandlerId) -> bool {
        self.handlers.get(id.0 as usize).copied().unwrap_or(true)
    }

    /// Whether the body of a handler may ask for a secret, or that of another one with its verb.
    pub(crate) fn asks(&self, id: HandlerId) -> bool {
        self.asking.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// Whether a body of the verb may ask for a secret.
    pub(crate) fn verb_asks(&self, verb: u16) -> bool {
        self.asking_verbs.get(usize::from(verb)).copied().unwrap_or(false)
    }
}

/// By instruction: whether one that is sought may run behind it, or there.
fn leading(program: &Program, sought: impl Fn(&Op) -> bool) -> Vec<bool> {
    let mut leading: Vec<bool> = program.code.iter().map(sought).collect();
    loop {
        let mut found = false;
        for place in (0..leading.len()).rev().filter(|place| !leading[*place]).collect::<Vec<_>>() {
            let leads = |at: Pc| leading.get(at.0 as usize).copied().unwrap_or(false);
            if program.behind(Pc(place as u32)).any(leads) {
                leading[place] = true;
                found = true;
            }
        }
        if !found {
            return leading;
        }
    }
}
