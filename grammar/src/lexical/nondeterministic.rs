//! From a regular expression to a deterministic automaton: Thompson's construction, then the construction of subsets.
//!
//! Never: grows without bound; nodes, states and the members of all subsets are counted.

use std::collections::HashMap;

use super::{
    automaton::{Automaton, DEAD, MOST_STATES, MOST_STEPS},
    error::LexicalError,
    regular::Regular,
};

/// More nodes than this are refused.
const MOST_NODES: usize = 200_000;

/// More members of all subsets together than this are refused.
const MOST_MEMBERS: usize = 4_000_000;

/// The automaton of an expression; not minimal.
///
/// # Errors
/// [`LexicalError::TooLarge`].
pub(super) fn determinise(expression: &Regular) -> Result<Automaton, LexicalError> {
    let mut graph = Graph { nodes: vec![Node::default()] };
    let start = graph.add(expression, END)?;
    Subsets::new(&graph).run(start)
}

/// The node where a text may end.
const END: u32 = 0;

/// A place in the expression.
#[derive(Default)]
struct Node {
    /// Octets that lead on, both ends of each range included.
    octets: Vec<(u8, u8, u32)>,
    /// Where it leads without an octet.
    jumps: Vec<u32>,
}

struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    fn node(&mut self, node: Node) -> Result<u32, LexicalError> {
        if self.nodes.len() >= MOST_NODES {
            return Err(LexicalError::TooLarge);
        }
        self.nodes.push(node);
        Ok(self.nodes.len() as u32 - 1)
    }

    fn fork(&mut self, jumps: Vec<u32>) -> Result<u32, LexicalError> {
        self.node(Node { octets: Vec::new(), jumps })
    }

    /// The node that accepts the expression and then what `next` accepts.
    fn add(&mut self, expression: &Regular, next: u32) -> Result<u32, LexicalError> {
        match expression {
            Regular::Octet(ranges) => {
                let octets = ranges.iter().map(|&(first, last)| (first, last, next)).collect();
                self.node(Node { octets, jumps: Vec::new() })
            }
            Regular::Sequence(parts) => parts.iter().rev().try_fold(next, |next, part| self.add(part, next)),
            Regular::Choice(parts) => {
                let jumps = parts.iter().map(|part| self.add(part, next)).collect::<Result<_, _>>()?;
                self.fork(jumps)
            }
            Regular::Repeat(part, least, most) => self.add_repeated(part, *least, *most, next),
            Regular::Of(language) => self.add_automaton(language.automaton(), next),
        }
    }

    fn add_repeated(&mut self, part: &Regular, least: u32, most: Option<u32>, next: u32) -> Result<u32, LexicalError> {
        let mut here = next;
        match most {
            None => {
                here = self.fork(Vec::new())?;
                let body = self.add(part, here)?;
                self.nodes[here as usize].jumps = vec![body, next];
            }
            Some(most) => {
                for _ in least..most {
                    let body = self.add(part, here)?;
                    here = self.fork(vec![body, next])?;
                }
            }
        }
        for _ in 0..least {
            let before = here;
            here = self.add(part, here)?;
            if here == before {
                break; // the part is the empty text: more of it is no more
            }
        }
        Ok(here)
    }

    fn add_automaton(&mut self, automaton: &Automaton, next: u32) -> Result<u32, LexicalError> {
        let base = self.nodes.len() as u32;
        for state in 0..automaton.states() as u32 {
            let octets = automaton.runs(state).into_iter().map(|(first, last, to)| (first, last, base + to)).collect();
            let jumps = if automaton.accepts_in(state) { vec![next] } else { Vec::new() };
            self.node(Node { octets, jumps })?;
        }
        Ok(base)
    }
}

/// The construction of subsets, under way.
struct Subsets<'g> {
    graph: &'g Graph,
    classes: [u8; 256],
    width: usize,
    numbers: HashMap<Box<[u32]>, u32>,
    order: Vec<Box<[u32]>>,
    members: usize,
    /// The round in which each node was seen last.
    seen: Vec<u32>,
    round: u32,
}

impl<'g> Subsets<'g> {
    fn new(graph: &'g Graph) -> Subsets<'g> {
        let mut begins = [false; 257];
        for &(first, last, _) in graph.nodes.iter().flat_map(|node| &node.octets) {
            begins[usize::from(first)] = true;
            begins[usize::from(last) + 1] = true;
        }
        let mut classes = [0; 256];
        for octet in 1..256 {
            classes[octet] = classes[octet - 1] + u8::from(begins[octet]);
        }
        let width = usize::from(classes[255]) + 1;
        let seen = vec![0; graph.nodes.len()];
        Subsets { graph, classes, width, numbers: HashMap::new(), order: Vec::new(), members: 0, seen, round: 0 }
    }

    fn run(mut self, start: u32) -> Result<Automaton, LexicalError> {
        self.number(vec![start])?;
        let mut steps = Vec::new();
        let mut accepting = Vec::new();
        let mut reached = vec![Vec::new(); self.width];
        while accepting.len() < self.order.len() {
            let subset = self.order[accepting.len()].clone();
            accepting.push(subset.contains(&END));
            for &(first, last, to) in subset.iter().flat_map(|&node| &self.graph.nodes[node as usize].octets) {
                for class in self.classes[usize::from(first)]..=self.classes[usize::from(last)] {
                    reached[usize::from(class)].push(to);
                }
            }
            for nodes in &mut reached {
                steps.push(if nodes.is_empty() { DEAD } else { self.number(std::mem::take(nodes))? });
            }
            if steps.len() > MOST_STEPS {
                return Err(LexicalError::TooLarge);
            }
        }
        Ok(Automaton { classes: Box::new(self.classes), width: self.width, steps, accepting })
    }

    /// The number of the subset that these nodes lead to without an octet. Nodes that only jump are left out.
    fn number(&mut self, mut open: Vec<u32>) -> Result<u32, LexicalError> {
        self.round += 1;
        let mut subset = Vec::new();
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut self.seen[node as usize], self.round) == self.round {
                continue;
            }
            let Node { octets, jumps } = &self.graph.nodes[node as usize];
            if node == END || !octets.is_empty() {
                subset.push(node);
            }
            open.extend(jumps);
        }
        subset.sort_unstable();
        let subset = subset.into_boxed_slice();
        if let Some(&number) = self.numbers.get(&subset) {
            return Ok(number);
        }
        self.members += subset.len();
        if self.order.len() >= MOST_STATES || self.members > MOST_MEMBERS {
            return Err(LexicalError::TooLarge);
        }
        let number = self.order.len() as u32;
        self.order.push(subset.clone());
        self.numbers.insert(subset, number);
        Ok(number)
    }
}
