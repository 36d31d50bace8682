//! `saywhen new`: lays out a project to begin with.
//!
//! Never: writes into a folder that holds anything.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    exit::{Exit, Fault},
    privileges::is_root,
};

/// What may follow `new`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder; made when it is missing, and refused when it holds anything
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The files of a project, with what each is for.
const FILES: [(&str, &str, &str); 4] = [
    ("README.md", include_str!("../../project/README.md"), "what to do next"),
    ("config.yaml", include_str!("../../project/config.yaml"), "where it listens"),
    ("protocols/hello.proto.dsl", include_str!("../../project/protocols/hello.proto.dsl"), "what it says"),
    (
        "tests/conversations/a-guest-comes-and-goes.talk",
        include_str!("../../project/tests/conversations/a-guest-comes-and-goes.talk"),
        "what you expect of it",
    ),
];

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let folder = &arguments.folder;
    refuse(folder)?;
    for (name, text, about) in FILES {
        let path = folder.join(name);
        write(&path, &fitting(text)).map_err(|error| {
            let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Denied } else { Exit::Findings };
            Fault::new(exit, format!("cannot write `{}`: {error}", path.display()), "name a folder that you may write")
        })?;
        println!("{:<60}  {about}", path.display());
    }
    println!("\nnow:  cd {}  and  saywhen check;  README.md says how it goes on", folder.display());
    Ok(Exit::Done)
}

/// What holds anything is left as it is.
fn refuse(folder: &Path) -> Result<(), Fault> {
    let said = |message: String| Err(Fault::new(Exit::Findings, message, "name a folder that is new, or empty"));
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => said(format!("the folder `{}` is not empty", folder.display())),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => said(format!("`{}` cannot be used: {error}", folder.display())),
    }
}

/// A server that root starts must know whom to go on as.
fn fitting(text: &str) -> String {
    if is_root() { text.replace("\n# run_as:", "\nrun_as:") } else { text.to_owned() }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
