//! States in layers, and between them, in layers of their own, the words on the lines: who stands on which, in what
//! order, and where.
//!
//! A line that passes a layer has a place in it, like everything else. So lines and words never meet.
//!
//! Never: knows what stands in a box; it has a width and a height.

use std::ops::Range;

use crate::{
    place::{CORNER, spread},
    scene::{Kind, Road},
};

/// How often the order is looked over.
const SWEEPS: usize = 24;
/// How far neighbours stand apart.
const APART: f64 = 30.0;
/// How wide a passing line is.
const PASSING: f64 = 8.0;
/// How often places are looked over: enough for long lines to become straight.
const SETTLING: usize = 4000;
/// How much straight lines count.
const STRAIGHT: f64 = 10.0;

/// What has a place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) what: What,
    pub(crate) layer: usize,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The middle of it.
    pub(crate) x: f64,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A state, by its index.
    Room(usize),
    /// The words on a road, by its index.
    Words(usize),
    /// A road that passes.
    Passing(usize),
}

/// A layout without heights.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(crate) nodes: Vec<Node>,
    /// For each layer its nodes from left to right.
    pub(crate) layers: Vec<Vec<usize>>,
    /// For each road its nodes from the top down, states included, and whether it leads down.
    pub(crate) chains: Vec<(Vec<usize>, bool)>,
}

/// On which layer everything is.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The layer of each state.
    rooms: Vec<usize>,
    /// The layer of the words of each road.
    words: Vec<usize>,
    deepest: usize,
}

/// Finds the layers of states, and of words of these sizes.
pub(crate) fn plan(rooms: usize, roads: &[Road], words: &[(f64, f64)], start: usize) -> Plan {
    let depths = depths(rooms, roads, start);
    let deepest = depths.iter().copied().max().unwrap_or_default() * 2;
    let mut plan = Plan { rooms: depths.iter().map(|depth| depth * 2).collect(), words: vec![0; roads.len()], deepest };
    let mut crowd = vec![0.0_f64; deepest + 1];
    for number in by_length(roads, &depths) {
        let (between, down) = (plan.between(&roads[number]), plan.is_down(&roads[number]));
        // The words stand where there is most room, and else where the road begins.
        let near = |layer: usize| if down { layer } else { deepest - layer };
        let steps = between.clone().filter(|layer| layer % 2 == 1);
        let at = steps.min_by(|a, b| crowd[*a].total_cmp(&crowd[*b]).then(near(*a).cmp(&near(*b))));
        plan.words[number] = at.unwrap_or_default();
        for layer in between {
            crowd[layer] += APART + if layer == plan.words[number] { words[number].0 } else { PASSING };
        }
    }
    plan
}

impl Plan {
    fn is_down(&self, road: &Road) -> bool {
        self.rooms[road.from] < self.rooms[road.to]
    }

    /// The layers between the two states of a road.
    fn between(&self, road: &Road) -> Range<usize> {
        let (from, to) = (self.rooms[road.from], self.rooms[road.to]);
        from.min(to) + 1..from.max(to)
    }

    /// How wide each state must be for its lines to run straight: so wide that the words above it, or below it, stand
    /// with their middles over it.
    pub(crate) fn breadths(&self, roads: &[Road], words: &[(f64, f64)]) -> Vec<f64> {
        let side = |room: usize, layer: usize| {
            let own = roads
                .iter()
                .enumerate()
                .filter(|(number, road)| (road.from == room || road.to == room) && self.words[*number] == layer);
            let mut widths: Vec<f64> = own.map(|(number, _)| words[number].0).collect();
            // In which order they will stand is not known yet: the narrowest may be the outermost.
            widths.sort_by(f64::total_cmp);
            let ends = widths.first().unwrap_or(&0.0) / 2.0 + widths.get(1).or(widths.first()).unwrap_or(&0.0) / 2.0;
            widths.iter().sum::<f64>() + APART * (widths.len().max(1) - 1) as f64 - ends
        };
        let both = |(room, layer): (usize, &usize)| side(room, layer + 1).max(side(room, layer.wrapping_sub(1)));
        self.rooms.iter().enumerate().map(both).collect()
    }
}

/// Lays out states and roads of these sizes.
pub(crate) fn layers(plan: &Plan, rooms: &[(f64, f64)], roads: &[Road], words: &[(f64, f64)]) -> Layers {
    let mut nodes: Vec<Node> = Vec::new();
    let node = |what, layer, (width, height)| Node { what, layer, width, height, x: 0.0 };
    nodes.extend(rooms.iter().enumerate().map(|(room, size)| node(What::Room(room), plan.rooms[room], *size)));
    let mut chains = Vec::new();
    for (number, road) in roads.iter().enumerate() {
        let down = plan.is_down(road);
        let (upper, lower) = if down { (road.from, road.to) } else { (road.to, road.from) };
        let mut chain = vec![upper];
        for layer in plan.between(road) {
            let is_words = layer == plan.words[number];
            chain.push(nodes.len());
            nodes.push(if is_words {
                node(What::Words(number), layer, words[number])
            } else {
                node(What::Passing(number), layer, (PASSING, 0.0))
            });
        }
        chain.push(lower);
        chains.push((chain, down));
    }
    let mut order = vec![Vec::new(); plan.deepest + 1];
    nodes.iter().enumerate().for_each(|(at, node)| order[node.layer].push(at));
    let mut layers = Layers { nodes, layers: order, chains };
    layers.begin(roads);
    layers.arrange();
    layers.settle();
    layers
}

/// How far from the start each state stands: one layer behind all that lead to it, ways back left aside.
fn depths(rooms: usize, roads: &[Road], start: usize) -> Vec<usize> {
    let mut back = vec![false; roads.len()];
    let (mut met, mut open) = (vec![false; rooms], vec![false; rooms]);
    let others = (0..rooms).filter(|room| *room != start);
    for root in std::iter::once(start).chain(others) {
        search(root, roads, &mut met, &mut open, &mut back);
    }
    let mut depths = vec![0; rooms];
    for _ in 0..rooms {
        for (road, back) in roads.iter().zip(&back) {
            let (above, below) = if *back { (road.to, road.from) } else { (road.from, road.to) };
            depths[below] = depths[below].max(depths[above] + 1);
        }
    }
    depths
}

/// Marks the roads that lead back to where they are looked at from.
fn search(room: usize, roads: &[Road], met: &mut [bool], open: &mut [bool], back: &mut [bool]) {
    if std::mem::replace(&mut met[room], true) {
        return;
    }
    open[room] = true;
    let mut leaving: Vec<usize> = (0..roads.len()).filter(|road| roads[*road].from == room).collect();
    leaving.sort_by_key(|road| (roads[*road].kind, roads[*road].to));
    for road in leaving {
        let to = roads[road].to;
        back[road] = open[to];
        search(to, roads, met, open, back);
    }
    open[room] = false;
}

/// Short roads first: long ones put their words where these left room.
fn by_length(roads: &[Road], depths: &[usize]) -> Vec<usize> {
    let mut all: Vec<usize> = (0..roads.len()).collect();
    all.sort_by_key(|road| (depths[roads[*road].from].abs_diff(depths[roads[*road].to]), *road));
    all
}

impl Layers {
    /// The first order: what leads on stands left of what leads back, and both left of what refuses.
    fn begin(&mut self, roads: &[Road]) {
        let key = |at: &usize| match self.nodes[*at].what {
            What::Room(room) => (0, 0, roads.iter().all(|road| road.to != room || road.kind == Kind::Refused), *at),
            What::Words(road) | What::Passing(road) => {
                let (chain, down) = &self.chains[road];
                (chain.len(), usize::from(!down), roads[road].kind == Kind::Refused, *at)
            }
        };
        for layer in &mut self.layers {
            layer.sort_by_key(key);
        }
    }

    fn links(&self) -> Vec<(usize, usize)> {
        self.chains.iter().flat_map(|(chain, _)| chain.windows(2).map(|pair| (pair[0], pair[1]))).collect()
    }

    /// The neighbours of each node above and below.
    fn neighbours(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut all = vec![(Vec::new(), Vec::new()); self.nodes.len()];
        for (above, below) in self.links() {
            all[above].1.push(below);
            all[below].0.push(above);
        }
        all
    }

    fn ranks(&self) -> Vec<f64> {
        let mut ranks = vec![0.0; self.nodes.len()];
        for layer in &self.layers {
            let middle = (layer.len() as f64 - 1.0) / 2.0;
            layer.iter().enumerate().for_each(|(rank, node)| ranks[*node] = rank as f64 - middle);
        }
        ranks
    }

    /// How many pairs of lines cross.
    fn crossings(&self) -> usize {
        let (ranks, links) = (self.ranks(), self.links());
        let crosses = |(a, b): (usize, usize), (c, d): (usize, usize)| {
            self.nodes[a].layer == self.nodes[c].layer && (ranks[a] - ranks[c]) * (ranks[b] - ranks[d]) < 0.0
        };
        let pairs = links.iter().enumerate();
        pairs.map(|(n, link)| links[n + 1..].iter().filter(|other| crosses(*link, **other)).count()).sum()
    }

    /// Finds an order with few crossings: each node goes to the middle of its neighbours, down and up again, and then
    /// neighbours change places wherever that helps.
    fn arrange(&mut self) {
        let neighbours = self.neighbours();
        let (mut best, mut least) = (self.layers.clone(), self.crossings());
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let numbers: Vec<usize> =
                if down { (0..self.layers.len()).collect() } else { (0..self.layers.len()).rev().collect() };
            for number in numbers {
                let ranks = self.ranks();
                let middle = |node: &usize| {
                    let of = if down { &neighbours[*node].0 } else { &neighbours[*node].1 };
                    let sum: f64 = of.iter().map(|node| ranks[*node]).sum();
                    if of.is_empty() { ranks[*node] } else { sum / of.len() as f64 }
                };
                self.layers[number].sort_by(|a, b| middle(a).total_cmp(&middle(b)));
            }
            self.exchange();
            let crossings = self.crossings();
            if crossings < least {
                (best, least) = (self.layers.clone(), crossings);
            }
        }
        self.layers = best;
    }

    fn exchange(&mut self) {
        let mut least = self.crossings();
        for layer in 0..self.layers.len() {
            for place in 1..self.layers[layer].len() {
                self.layers[layer].swap(place - 1, place);
                let crossings = self.crossings();
                if crossings < least {
                    least = crossings;
                } else {
                    self.layers[layer].swap(place - 1, place);
                }
            }
        }
    }

    /// Finds the places: each node as near to the mean of its neighbours as the others of its layer allow; a passing
    /// line would rather be straight.
    fn settle(&mut self) {
        let neighbours = self.neighbours();
        for layer in &self.layers {
            let mut x = 0.0;
            for node in layer {
                let node = &mut self.nodes[*node];
                node.x = x + node.width / 2.0;
                x += node.width + APART;
            }
        }
        for sweep in 0..SETTLING {
            let count = self.layers.len();
            let before: Vec<f64> = self.nodes.iter().map(|node| node.x).collect();
            for step in 0..count {
                self.settle_layer(if sweep % 2 == 0 { step } else { count - 1 - step }, &neighbours);
            }
            if self.nodes.iter().zip(before).all(|(node, before)| (node.x - before).abs() < 0.002) {
                break;
            }
        }
        let left = self.nodes.iter().map(|node| node.x - node.width / 2.0).fold(f64::INFINITY, f64::min);
        self.nodes.iter_mut().for_each(|node| node.x = (node.x - left).round());
        self.straighten();
    }

    /// A line that is nearly straight is made so: what passes has room enough to both sides.
    fn straighten(&mut self) {
        for (chain, _) in &self.chains {
            let words = chain.iter().find(|node| matches!(self.nodes[**node].what, What::Words(_)));
            let Some(x) = words.map(|node| self.nodes[*node].x) else { continue };
            for node in chain {
                let node = &mut self.nodes[*node];
                if matches!(node.what, What::Passing(_)) && (node.x - x).abs() <= APART / 3.0 {
                    node.x = x;
                }
            }
        }
    }

    /// Where a node would stand for the sake of a neighbour, and how much that counts: lines that pass would be
    /// straight; words would stand over their state, anywhere, and a little rather in its middle.
    fn pulls(&self, node: usize, other: usize) -> [(f64, f64); 2] {
        let (own, other) = (&self.nodes[node], &self.nodes[other]);
        let is_passing = |node: &Node| matches!(node.what, What::Passing(_));
        let state = [own, other].into_iter().find(|node| matches!(node.what, What::Room(_)));
        match state {
            None => [(STRAIGHT, other.x), (0.0, 0.0)],
            Some(_) if is_passing(own) || is_passing(other) => [(0.0001, other.x), (0.0, 0.0)],
            Some(state) => {
                let room = (state.width / 2.0 - CORNER).max(0.0);
                [(1.0, own.x.clamp(other.x - room, other.x + room)), (0.005, other.x)]
            }
        }
    }

    fn settle_layer(&mut self, number: usize, neighbours: &[(Vec<usize>, Vec<usize>)]) {
        let layer = &self.layers[number];
        let (mut wanted, mut weight) = (Vec::new(), Vec::new());
        for node in layer {
            let (mut sum, mut all) = (0.0, 0.0);
            for other in neighbours[*node].0.iter().chain(&neighbours[*node].1) {
                for (pull, x) in self.pulls(*node, *other) {
                    sum += pull * x;
                    all += pull;
                }
            }
            wanted.push(if all > 0.0 { sum / all } else { self.nodes[*node].x });
            weight.push(f64::max(all, 1.0));
        }
        let apart: Vec<f64> = layer
            .windows(2)
            .map(|pair| (self.nodes[pair[0]].width + self.nodes[pair[1]].width) / 2.0 + APART)
            .collect();
        let placed = spread(&wanted, &weight, &apart, None);
        for (node, x) in layer.clone().into_iter().zip(placed) {
            self.nodes[node].x = x;
        }
    }
}
