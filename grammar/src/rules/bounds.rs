//! Bounds of a check: how much of one thing a file may hold, and how much work it may make.
//!
//! Never: what a protocol does.

use super::stage;

stage! {
    TOO_MUCH = "X01" Error "this is more than is checked"
    page "A check ends, whatever the file: its time and its memory are bounded by counts, which are the same on every machine. There are bounds for how many there may be of one thing (4096 states, types, settings or statements, 16384 commands, 64 facts of a state, 256 fields of a record), and bounds for the work as a whole: a command that stands in many states is looked at in each of them, a routine in each body that runs it, and commands that begin alike are compared with each other. The finding says what was too much. Make the file smaller there: fewer states that repeat each other, lists in a database, texts that differ in a hole and not in the template."
    accepted "start state a { on \"X {w: word}\" -> 250 \"X\" goto b with f1 = w }\nstate b has f1"
    refused "start state a { on \"X {w: word}\" -> 250 \"X\" goto b with f1 = w }\nstate b has f1, f2?, f3?, f4?, f5?, f6?, f7?, f8?, f9?, f10?, f11?, f12?, f13?, f14?, f15?, f16?, f17?, f18?, f19?, f20?, f21?, f22?, f23?, f24?, f25?, f26?, f27?, f28?, f29?, f30?, f31?, f32?, f33?, f34?, f35?, f36?, f37?, f38?, f39?, f40?, f41?, f42?, f43?, f44?, f45?, f46?, f47?, f48?, f49?, f50?, f51?, f52?, f53?, f54?, f55?, f56?, f57?, f58?, f59?, f60?, f61?, f62?, f63?, f64?, f65?"
}
