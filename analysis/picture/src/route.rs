//! The lines between states: straight down through every layer, bent only between two of them.
//!
//! Never: touches a node that is not its own.

use std::fmt::Write;

use crate::{
    layers::{Layers, What},
    place::{CORNER, spread},
};

/// How far from each other lines begin.
const PORTS: f64 = 22.0;
/// How near to a corner a line may come so that it is straight.
const NEAREST: f64 = 13.0;
/// The length of an arrow's head, and half its breadth.
const HEAD: (f64, f64) = (9.0, 4.5);
/// How many points stand for a bend.
const POINTS: usize = 16;

/// One line.
pub(crate) struct Route {
    /// As an SVG path.
    pub(crate) path: String,
    /// The head of its arrow, as an SVG path.
    pub(crate) head: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// How far beside a box a line must stand to meet it from that side.
const BESIDE: f64 = 22.0;
/// How round a corner is.
const ROUND: f64 = 12.0;

/// Where a line meets a box.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Port {
    /// Above or below it, at this place from the left.
    Flat(f64),
    /// Beside it, at this height; the line stands there, and the box begins here.
    Beside { y: f64, x: f64, edge: f64 },
}

/// A line for each road.
pub(crate) fn route(layers: &Layers, corners: &[(f64, f64)], tops: &[f64], heights: &[f64]) -> Vec<Route> {
    let ports = Ports { layers, corners }.all();
    let mut routes = Vec::new();
    for ((chain, down), (first, last)) in layers.chains.iter().zip(ports) {
        let (upper, lower) = (chain[0], chain[chain.len() - 1]);
        // Straight pieces, from the top down: where each stands, where it begins and where it ends.
        let mut pieces = Vec::new();
        for node in chain {
            let layer = layers.nodes[*node].layer;
            let (top, bottom) = (tops[layer], tops[layer] + heights[layer]);
            let own = |port: Port, flat: (f64, f64)| match port {
                Port::Flat(x) => (x, flat.0, flat.1),
                Port::Beside { y, x, .. } if *node == upper => (x, y + ROUND, flat.1),
                Port::Beside { y, x, .. } => (x, flat.0, y - ROUND),
            };
            pieces.push(if *node == upper {
                own(first, (corners[upper].1 + layers.nodes[upper].height, bottom))
            } else if *node == lower {
                own(last, (top, corners[lower].1))
            } else {
                (corners[*node].0 + (layers.nodes[*node].width / 2.0).round(), top, bottom)
            });
        }
        routes.push(drawn(pieces, (first, last), *down));
    }
    routes
}

/// Where roads leave their upper states and meet their lower ones.
struct Ports<'l> {
    layers: &'l Layers,
    corners: &'l [(f64, f64)],
}

impl Ports<'_> {
    fn middle(&self, node: usize) -> f64 {
        self.corners[node].0 + (self.layers.nodes[node].width / 2.0).round()
    }

    fn all(&self) -> Vec<(Port, Port)> {
        let mut ports = vec![(Port::Flat(0.0), Port::Flat(0.0)); self.layers.chains.len()];
        for (at, node) in self.layers.nodes.iter().enumerate() {
            let What::Room(_) = node.what else { continue };
            for below in [true, false] {
                let ends = self.layers.chains.iter().enumerate().filter_map(|(number, (chain, _))| {
                    let (first, last) = (chain[0], chain[chain.len() - 1]);
                    let (own, next) = if below { (first, chain[1]) } else { (last, chain[chain.len() - 2]) };
                    (own == at).then(|| (number, self.middle(next)))
                });
                let mut ends: Vec<(usize, f64)> = ends.collect();
                ends.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
                for (number, port) in self.of_side(at, below, ends) {
                    let ports = &mut ports[number];
                    *(if below { &mut ports.0 } else { &mut ports.1 }) = port;
                }
            }
        }
        ports
    }

    /// The ports above or below one state. What comes from beside it meets it there, the farther the higher.
    fn of_side(&self, at: usize, below: bool, ends: Vec<(usize, f64)>) -> Vec<(usize, Port)> {
        let (left, top) = self.corners[at];
        let (width, height) = (self.layers.nodes[at].width, self.layers.nodes[at].height);
        let right = left + width;
        let (mut flat, mut ports) = (Vec::new(), Vec::new());
        let mut beside: [Vec<(usize, f64)>; 2] = Default::default();
        for (number, x) in ends {
            let free = self.is_free(at, x);
            match x {
                x if x < left - BESIDE && free => beside[0].insert(0, (number, x)),
                x if x > right + BESIDE && free => beside[1].push((number, x)),
                _ => flat.push((number, x)),
            }
        }
        for (side, ends) in beside.into_iter().enumerate() {
            // Half the height is for those from below, the other half for those from above.
            let apart = PORTS.min((height / 2.0 - CORNER) / ends.len().max(1) as f64);
            for (rank, (number, x)) in ends.into_iter().enumerate() {
                let off = CORNER + apart * rank as f64;
                let y = (if below { top + height - off } else { top + off }).round();
                ports.push((number, Port::Beside { y, x, edge: if side == 0 { left } else { right } }));
            }
        }
        let wanted: Vec<f64> = flat.iter().map(|(_, x)| *x).collect();
        let (least, most) = (left + NEAREST, right - NEAREST);
        let apart = PORTS.min((most - least) / flat.len().max(1) as f64);
        let placed = spread(&wanted, &vec![1.0; flat.len()], &vec![apart; flat.len()], Some((least, most)));
        ports.extend(flat.into_iter().zip(placed).map(|((number, _), x)| (number, Port::Flat(x.round()))));
        ports
    }

    /// Whether nothing stands on the layer of a state between it and a place beside it.
    fn is_free(&self, at: usize, x: f64) -> bool {
        let own = self.middle(at);
        let layer = &self.layers.layers[self.layers.nodes[at].layer];
        layer.iter().filter(|node| **node != at).all(|node| {
            let (left, right) =
                (self.corners[*node].0 - ROUND, self.corners[*node].0 + self.layers.nodes[*node].width + ROUND);
            right < own.min(x) || left > own.max(x)
        })
    }
}

/// The head of an arrow whose point is here.
fn head((x, y): (f64, f64), (dx, dy): (f64, f64)) -> String {
    let (back_x, back_y) = (x - dx * HEAD.0, y - dy * HEAD.0);
    let (side_x, side_y) = (dy * HEAD.1, dx * HEAD.1);
    format!("M{x} {y}L{} {}L{} {}Z", back_x + side_x, back_y + side_y, back_x - side_x, back_y - side_y)
}

fn drawn(mut pieces: Vec<(f64, f64, f64)>, (first, last): (Port, Port), down: bool) -> Route {
    let end = pieces.len() - 1;
    let short = HEAD.0 - 1.0;
    let mut text = Path::default();
    let head = match if down { last } else { first } {
        Port::Flat(x) if down => {
            pieces[end].2 -= short;
            head((x, pieces[end].2 + short), (0.0, 1.0))
        }
        Port::Flat(x) => {
            pieces[0].1 += short;
            head((x, pieces[0].1 - short), (0.0, -1.0))
        }
        Port::Beside { y, x, edge } => head((edge, y), ((edge - x).signum(), 0.0)),
    };
    match first {
        Port::Flat(x) => text.begin((x, pieces[0].1)),
        Port::Beside { y, x, edge } => {
            let away = (x - edge).signum();
            text.begin((if down { edge } else { edge + away * short }, y));
            text.corner((x - away * ROUND, y), (x, y), (x, y + ROUND));
        }
    }
    for (n, (x, _, bottom)) in pieces.iter().copied().enumerate() {
        text.straight((x, bottom));
        let Some((to, below, _)) = pieces.get(n + 1).copied() else { continue };
        if to != x {
            text.bend((x, bottom), (to, below));
        }
    }
    if let Port::Beside { y, x, edge } = last {
        let away = (x - edge).signum();
        text.corner((x, y - ROUND), (x, y), (x - away * ROUND, y));
        text.straight((if down { edge + away * short } else { edge }, y));
    }
    Route { path: text.d, head, points: text.points }
}

/// A path as it is written, with points on it.
#[derive(Default)]
struct Path {
    d: String,
    points: Vec<(f64, f64)>,
}

impl Path {
    fn begin(&mut self, (x, y): (f64, f64)) {
        // Writing into a string never fails.
        let _ = write!(self.d, "M{x} {y}");
        self.points.push((x, y));
    }

    fn straight(&mut self, (x, y): (f64, f64)) {
        let _ = write!(self.d, "L{x} {y}");
        self.points.push((x, y));
    }

    /// Straight to `from`, and round `corner` to `to`.
    fn corner(&mut self, from: (f64, f64), corner: (f64, f64), to: (f64, f64)) {
        self.straight(from);
        let _ = write!(self.d, "Q{} {} {} {}", corner.0, corner.1, to.0, to.1);
        self.points.push(to);
    }

    /// From one straight piece to the next.
    fn bend(&mut self, (x, y): (f64, f64), (to, below): (f64, f64)) {
        let half = (y + below) / 2.0;
        let _ = write!(self.d, "C{x} {half} {to} {half} {to} {below}");
        for step in 1..=POINTS {
            let t = step as f64 / POINTS as f64;
            let s = 1.0 - t;
            let (a, b, c, d) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
            self.points.push(((a + b) * x + (c + d) * to, a * y + (b + c) * half + d * below));
        }
    }
}
