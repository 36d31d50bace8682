//! `saywhen man`: the pages of the manual, one per verb and one for the configuration.
//!
//! Never: says what the command line or the configuration do not say of themselves; pages carry no date, so that the
//! same program writes the same pages.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Command;
use clap_mangen::{
    Man,
    roff::{Inline, Roff, bold, italic, roman},
};

use crate::{
    config::{Described, described},
    exit::{Exit, Fault},
};

/// What may follow `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder; it is made when it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The name of the page of the configuration.
const CONFIGURATION: &str = "saywhen.yaml";

/// What stands at the foot of each page.
const SOURCE: &str = concat!("saywhen ", env!("CARGO_PKG_VERSION"));
/// What stands at the head of each page.
const MANUAL: &str = "saywhen";

/// What holds for all keys.
const ABOUT: &[&str] = &[
    "The file is YAML. Exactly the keys below are accepted; any other is refused by name, with line, column and the \
     nearest one that exists. Every key is optional but `listeners`, `listeners[].listen` and `listeners[].protocol`. \
     In the paths below [] stands for each entry of a list, and NAME for a name of your own.",
    "Relative paths are relative to the folder of the file. In values ${NAME} stands for an environment variable and \
     ${file:PATH} for the text of a file, which is then a secret and never shown; $${ stands for ${ itself.",
    "`saywhen check` finds what is wrong with it; `saywhen config show` prints the values that hold and where each \
     came from.",
];

/// Runs the verb.
pub(super) fn run(arguments: &Arguments, command_line: Command) -> Result<Exit, Fault> {
    let unwritten = |path: &Path, error: &std::io::Error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Fault::new(Exit::Denied, message, "name a folder that can be written")
    };
    fs::create_dir_all(&arguments.folder).map_err(|error| unwritten(&arguments.folder, &error))?;
    for (name, text) in pages(command_line) {
        let path = arguments.folder.join(name);
        fs::write(&path, text).map_err(|error| unwritten(&path, &error))?;
    }
    Ok(Exit::Done)
}

/// Every page: the name of its file, and its text.
fn pages(command_line: Command) -> Vec<(String, String)> {
    let mut command_line = command_line.disable_help_subcommand(true);
    // Gives each verb its name as a page, `saywhen-VERB`.
    command_line.build();
    let mut pages = vec![(format!("{CONFIGURATION}.5"), configuration(&described()))];
    verbs(&command_line, true, &mut pages);
    pages
}

fn verbs(command: &Command, first: bool, pages: &mut Vec<(String, String)>) {
    let man = Man::new(command.clone()).source(SOURCE).manual(MANUAL);
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = man.render(&mut text);
    let behind = if first { whole() } else { see(&[("saywhen", "1"), (CONFIGURATION, "5")]) };
    pages.push((man.get_filename(), String::from_utf8_lossy(&text).into_owned() + &behind.to_roff()));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        verbs(verb, false, pages);
    }
}

/// What stands on the page of the whole program alone.
fn whole() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["FILES"]);
    entry(
        &mut roff,
        vec![italic("./config.yaml"), roman(", "), italic("/etc/saywhen/config.yaml")],
        &["The configuration: the first of them that is there, unless `--config` names one."],
    );
    roff.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in Exit::ALL {
        entry(&mut roff, vec![bold(exit.code().to_string())], &[meaning]);
    }
    roff.extend([see(&[(CONFIGURATION, "5")])]);
    roff
}

fn see(pages: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for (name, section) in pages {
        let comma = if line.is_empty() { "" } else { ", " };
        line.extend([roman(comma), bold(*name), roman(format!("({section})"))]);
    }
    roff.text(line);
    roff
}

/// The page of the configuration.
fn configuration(keys: &[Described]) -> String {
    let mut roff = Roff::new();
    roff.control("TH", [CONFIGURATION, "5", "", SOURCE, MANUAL]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{CONFIGURATION} - the configuration of saywhen, usually called config.yaml"))]);
    roff.control("SH", ["DESCRIPTION"]);
    for paragraph in ABOUT {
        roff.control("PP", []);
        roff.text([roman(*paragraph)]);
    }
    roff.control("SH", ["KEYS"]);
    for key in keys {
        let takes = key.takes.as_ref().map(|takes| format!("Takes {takes}."));
        let default = key.default.as_ref().map(|default| format!("Default: {default}."));
        let lines: Vec<&str> = [Some(key.about), takes.as_deref(), default.as_deref()].into_iter().flatten().collect();
        entry(&mut roff, vec![bold(key.path)], &lines);
    }
    roff.extend([see(&[("saywhen", "1"), ("saywhen-check", "1"), ("saywhen-config", "1")])]);
    roff.render()
}

fn entry(roff: &mut Roff, tag: Vec<Inline>, lines: &[&str]) {
    roff.control("TP", []);
    roff.text(tag);
    for line in lines {
        roff.text([roman(*line)]);
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::verbs::CommandLine;

    #[test]
    fn every_verb_and_the_configuration_have_a_page() {
        let names: Vec<String> = pages(CommandLine::command()).into_iter().map(|(name, _)| name).collect();
        for name in ["saywhen.1", "saywhen-run.1", "saywhen-config-show.1", "saywhen-man.1", "saywhen.yaml.5"] {
            assert!(names.iter().any(|page| page == name), "{name} is not among {names:?}");
        }
    }

    #[test]
    fn the_same_program_writes_the_same_pages() {
        assert_eq!(pages(CommandLine::command()), pages(CommandLine::command()));
    }
}
