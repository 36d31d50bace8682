//! What is shipped is valid: every protocol and the configuration pass `saywhen check`.
//!
//! Never: knows what is valid; the product does.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cargo, finding::Finding, tree::Tree};

/// Builds the product and lets it check every protocol and `config.yaml`.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let shipped = shipped(tree);
    if !shipped.iter().any(|path| path.ends_with(".proto.dsl")) {
        return vec![Finding::new("protocols", "holds no protocol", "put NAME.proto.dsl there")];
    }
    let binary = match binary(&tree.root) {
        Ok(binary) => binary,
        Err(why) => return vec![Finding::new("engine/server", why, "make `cargo build` succeed")],
    };
    shipped.iter().filter_map(|path| refused(tree, &binary, path)).collect()
}

/// Protocols and the configuration, by path.
fn shipped(tree: &Tree) -> Vec<&str> {
    let paths = tree.files.iter().map(|file| file.path.as_str());
    paths
        .filter(|path| *path == "config.yaml" || (path.starts_with("protocols/") && path.ends_with(".proto.dsl")))
        .collect()
}

/// The product's binary, built.
pub(crate) fn binary(root: &Path) -> Result<PathBuf, String> {
    let arguments = ["build", "--quiet", "--package", "server", "--bin", "saywhen"];
    let status = Command::new(cargo()).args(arguments).current_dir(root).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("does not build".into()),
        Err(error) => return Err(format!("cannot run cargo: {error}")),
    }
    let folder = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(folder.with_file_name("saywhen"))
}

fn refused(tree: &Tree, binary: &PathBuf, path: &str) -> Option<Finding> {
    let output = Command::new(binary).args(["check", path]).current_dir(&tree.root).output();
    match output {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let message = format!("is refused:\n{}", String::from_utf8_lossy(&said).trim_end());
            Some(Finding::new(path, message, "`saywhen explain CODE` says more"))
        }
        Err(error) => Some(Finding::new(path, format!("cannot run {}: {error}", binary.display()), "build it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_and_the_configuration_are_shipped_and_nothing_else() {
        let tree = Tree::of(&[
            ("config.yaml", ""),
            ("protocols/README.md", ""),
            ("protocols/smtp.proto.dsl", ""),
            ("tests/ancestor/ruby.proto.dsl", ""),
        ]);
        assert_eq!(shipped(&tree), ["config.yaml", "protocols/smtp.proto.dsl"]);
    }

    #[test]
    fn a_refusal_is_a_finding() {
        let tree = Tree { root: std::env::temp_dir(), files: Vec::new() };
        assert!(refused(&tree, &PathBuf::from("/bin/false"), "config.yaml").is_some());
        assert!(refused(&tree, &PathBuf::from("/bin/true"), "config.yaml").is_none());
    }
}
