//! `saywhen graph`: a protocol, drawn.
//!
//! Never: draws; that is `picture`'s.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use picture::{Form, draw};
use program::Program;

use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    protocols::{ENDING, Protocols, name_of},
    transcripts::{files, memory::memory},
};

/// What may follow `graph`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A protocol (NAME.proto.dsl)
    file: PathBuf,
    /// The picture: NAME.svg, NAME.dot, NAME.mmd or NAME.txt [default: words on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show what the transcripts do not reach
    #[arg(long)]
    coverage: bool,
    /// Transcripts (NAME.talk) or a folder of them, for --coverage
    #[arg(long, value_name = "PATH", default_value = "tests/conversations", requires = "coverage")]
    transcripts: PathBuf,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let form = match &arguments.output {
        Some(output) => form(output)?,
        None => Form::Text,
    };
    let mut findings = Findings::default();
    let Some(program) = program(&arguments.file, &mut findings)? else {
        findings.complain();
        return Ok(Exit::Protocol);
    };
    let executed = if arguments.coverage { Some(executed(arguments, &program)?) } else { None };
    let drawn = draw(&program, form, executed.as_deref());
    match &arguments.output {
        Some(output) => fs::write(output, drawn).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", output.display());
            Fault::new(Exit::Usage, message, "name a file in a folder that is there and yours")
        })?,
        // Who closes the pipe has seen enough.
        None => drop(io::stdout().write_all(drawn.as_bytes())),
    }
    Ok(Exit::Done)
}

/// The form that a file's name asks for.
fn form(output: &Path) -> Result<Form, Fault> {
    match output.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => Ok(Form::Svg),
        Some("dot" | "gv") => Ok(Form::Dot),
        Some("mmd") => Ok(Form::Mermaid),
        Some("txt") => Ok(Form::Text),
        _ => {
            let message = format!("`{}` is no picture by its name", output.display());
            Err(Fault::new(Exit::Usage, message, "name a file that ends in .svg, .dot, .mmd or .txt"))
        }
    }
}

/// The program of a file; none when something is wrong with it.
fn program(file: &Path, findings: &mut Findings) -> Result<Option<Arc<Program>>, Fault> {
    let Some(name) = name_of(file) else {
        let message = format!("`{}` is no protocol by its name", file.display());
        return Err(Fault::new(Exit::Usage, message, format!("name a file that ends in {ENDING}")));
    };
    let text = fs::read_to_string(file).map_err(|error| {
        Fault::new(Exit::Usage, format!("`{}` cannot be read: {error}", file.display()), "name a file that is there")
    })?;
    let mut protocols = Protocols::default();
    protocols.add(name, &file.to_string_lossy(), &text, findings);
    Ok(protocols.named(name).flatten().cloned())
}

/// How often the transcripts of the protocol executed each instruction.
fn executed(arguments: &Arguments, program: &Arc<Program>) -> Result<Vec<u64>, Fault> {
    let unread = |(path, error): (PathBuf, io::Error)| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        Fault::new(Exit::Usage, message, "name transcripts or their folder with --transcripts")
    };
    let folder = arguments.file.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut findings = Findings::default();
    let paths = files::below(std::slice::from_ref(&arguments.transcripts)).map_err(unread)?;
    let found = files::read(&paths, folder, &mut findings).map_err(unread)?;
    let mut executed = vec![0; program.code.len()];
    for playable in found.playable.iter().filter(|playable| playable.transcript.protocol == *program.name) {
        executed.iter_mut().zip(memory(playable).executed).for_each(|(sum, times)| *sum += times);
    }
    Ok(executed)
}
