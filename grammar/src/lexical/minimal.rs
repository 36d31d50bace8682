//! Makes an automaton minimal and canonical: of one language there is one such automaton, octet classes and the
//! numbering of its states included.
//!
//! The refinement is that of A. Valmari, "Fast brief practical DFA minimization" (2012): O(m log n) for m steps, and at
//! home with partial automata.
//!
//! Never: changes the language.

use std::{collections::HashMap, mem};

use super::automaton::{Automaton, DEAD};

/// The canonical automaton of the same language.
pub(super) fn minimal(automaton: &Automaton) -> Automaton {
    let live = live_states(automaton);
    let Some(&Some(_)) = live.first() else { return Automaton::nothing() };
    let edges = live_edges(automaton, &live);
    let states = live.iter().flatten().count();
    let blocks = refine(automaton, &live, &edges, states);
    canonical(&quotient(automaton, &live, &edges, &blocks))
}

/// One step between live states.
#[derive(Clone, Copy)]
struct Edge {
    from: u32,
    class: u8,
    to: u32,
}

/// New numbers for the states from which a text can be accepted and that can be reached.
fn live_states(automaton: &Automaton) -> Vec<Option<u32>> {
    let states = automaton.states();
    let row = |state: usize| &automaton.steps[state * automaton.width..(state + 1) * automaton.width];
    let mut backwards = vec![Vec::new(); states];
    let mut reached = vec![false; states];
    reached[0] = true;
    let mut open = vec![0];
    while let Some(state) = open.pop() {
        for &target in row(state).iter().filter(|&&target| target != DEAD) {
            backwards[target as usize].push(state);
            if !mem::replace(&mut reached[target as usize], true) {
                open.push(target as usize);
            }
        }
    }
    let mut alive: Vec<bool> = (0..states).map(|state| reached[state] && automaton.accepting[state]).collect();
    open.extend((0..states).filter(|&state| alive[state]));
    while let Some(state) = open.pop() {
        for &source in &backwards[state] {
            if !mem::replace(&mut alive[source], true) {
                open.push(source);
            }
        }
    }
    let mut next = 0;
    alive
        .into_iter()
        .map(|alive| {
            alive.then(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

/// The steps between live states, in their new numbers, sorted by class.
fn live_edges(automaton: &Automaton, live: &[Option<u32>]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for class in 0..automaton.width {
        for (state, from) in live.iter().enumerate() {
            let target = automaton.steps[state * automaton.width + class];
            if let (Some(from), true) = (*from, target != DEAD)
                && let Some(to) = live[target as usize]
            {
                edges.push(Edge { from, class: class as u8, to });
            }
        }
    }
    edges
}

/// A partition of 0..n that can be refined: elements are marked, then each touched set is split into its marked and
/// its unmarked half.
struct Partition {
    elements: Vec<u32>,
    place: Vec<u32>,
    set_of: Vec<u32>,
    first: Vec<u32>,
    end: Vec<u32>,
    marked: Vec<u32>,
    touched: Vec<u32>,
}

impl Partition {
    /// One set with all elements.
    fn whole(n: usize) -> Partition {
        let all: Vec<u32> = (0..n as u32).collect();
        Partition {
            place: all.clone(),
            elements: all,
            set_of: vec![0; n],
            first: vec![0],
            end: vec![n as u32],
            marked: vec![0],
            touched: Vec::new(),
        }
    }

    fn sets(&self) -> usize {
        self.first.len()
    }

    fn members(&self, set: usize) -> &[u32] {
        &self.elements[self.first[set] as usize..self.end[set] as usize]
    }

    fn mark(&mut self, element: u32) {
        let set = self.set_of[element as usize] as usize;
        let (from, to) = (self.place[element as usize], self.first[set] + self.marked[set]);
        if from < to {
            return;
        }
        let moved = self.elements[to as usize];
        self.elements[from as usize] = moved;
        self.place[moved as usize] = from;
        self.elements[to as usize] = element;
        self.place[element as usize] = to;
        if self.marked[set] == 0 {
            self.touched.push(set as u32);
        }
        self.marked[set] += 1;
    }

    /// Splits the touched sets; the smaller half gets the new number.
    fn split(&mut self) {
        while let Some(set) = self.touched.pop() {
            let set = set as usize;
            let middle = self.first[set] + mem::take(&mut self.marked[set]);
            if middle == self.end[set] {
                continue;
            }
            let new = self.sets();
            if middle - self.first[set] <= self.end[set] - middle {
                self.first.push(self.first[set]);
                self.end.push(middle);
                self.first[set] = middle;
            } else {
                self.first.push(middle);
                self.end.push(self.end[set]);
                self.end[set] = middle;
            }
            self.marked.push(0);
            for place in self.first[new]..self.end[new] {
                self.set_of[self.elements[place as usize] as usize] = new as u32;
            }
        }
    }
}

/// Parts the live states into classes of equal futures.
fn refine(automaton: &Automaton, live: &[Option<u32>], edges: &[Edge], states: usize) -> Partition {
    let mut blocks = Partition::whole(states);
    for (state, number) in live.iter().enumerate() {
        if let (Some(number), true) = (*number, automaton.accepting[state]) {
            blocks.mark(number);
        }
    }
    blocks.split();
    let mut cords = Partition::whole(edges.len());
    let mut index = 0;
    for same_class in edges.chunk_by(|a, b| a.class == b.class) {
        for _ in same_class {
            cords.mark(index);
            index += 1;
        }
        cords.split();
    }
    let mut incoming = vec![Vec::new(); states];
    for (index, edge) in edges.iter().enumerate() {
        incoming[edge.to as usize].push(index as u32);
    }
    let (mut block, mut cord) = (1, 0);
    while cord < cords.sets() && !edges.is_empty() {
        for &edge in cords.members(cord) {
            blocks.mark(edges[edge as usize].from);
        }
        blocks.split();
        cord += 1;
        while block < blocks.sets() {
            for &state in blocks.members(block) {
                for &edge in &incoming[state as usize] {
                    cords.mark(edge);
                }
            }
            cords.split();
            block += 1;
        }
    }
    blocks
}

/// The automaton whose states are the blocks; block numbers, the start moved to 0.
fn quotient(automaton: &Automaton, live: &[Option<u32>], edges: &[Edge], blocks: &Partition) -> Automaton {
    let start = live[0].map_or(0, |start| blocks.set_of[start as usize]);
    let number = |state: u32| match blocks.set_of[state as usize] {
        block if block == start => 0,
        0 => start,
        block => block,
    };
    let mut quotient = Automaton {
        classes: automaton.classes.clone(),
        width: automaton.width,
        steps: vec![DEAD; blocks.sets() * automaton.width],
        accepting: vec![false; blocks.sets()],
    };
    for edge in edges {
        quotient.steps[number(edge.from) as usize * automaton.width + usize::from(edge.class)] = number(edge.to);
    }
    for (state, live) in live.iter().enumerate() {
        if let Some(live) = *live {
            quotient.accepting[number(live) as usize] = automaton.accepting[state];
        }
    }
    quotient
}

/// The same automaton with the coarsest octet classes, numbered by their least octets, and with its states numbered
/// breadth first.
fn canonical(automaton: &Automaton) -> Automaton {
    let (classes, samples) = coarsest_classes(automaton);
    let mut numbers = vec![DEAD; automaton.states()];
    numbers[0] = 0;
    let mut order = vec![0_u32];
    let mut steps = Vec::with_capacity(automaton.states() * samples.len());
    let mut done = 0;
    while let Some(&state) = order.get(done) {
        for &octet in &samples {
            let target = automaton.step(state, octet);
            if target == DEAD {
                steps.push(DEAD);
                continue;
            }
            if numbers[target as usize] == DEAD {
                numbers[target as usize] = order.len() as u32;
                order.push(target);
            }
            steps.push(numbers[target as usize]);
        }
        done += 1;
    }
    let accepting = order.iter().map(|&state| automaton.accepting[state as usize]).collect();
    Automaton { classes: Box::new(classes), width: samples.len(), steps, accepting }
}

/// Joins classes that lead to the same state everywhere; gives the least octet of each.
fn coarsest_classes(automaton: &Automaton) -> ([u8; 256], Vec<u8>) {
    let column = |class: usize| -> Vec<u32> {
        (0..automaton.states()).map(|state| automaton.steps[state * automaton.width + class]).collect()
    };
    let mut joined: Vec<Option<u8>> = vec![None; automaton.width];
    let mut columns = HashMap::new();
    let mut samples = Vec::new();
    let mut classes = [0; 256];
    for octet in 0..=u8::MAX {
        let class = usize::from(automaton.classes[usize::from(octet)]);
        let number = *joined[class].get_or_insert_with(|| {
            *columns.entry(column(class)).or_insert_with(|| {
                samples.push(octet);
                (samples.len() - 1) as u8
            })
        });
        classes[usize::from(octet)] = number;
    }
    (classes, samples)
}
