//! The program `saywhen`.
//!
//! Never: does anything itself; the library does.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::verbs::main()
}
