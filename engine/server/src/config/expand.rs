//! `${VAR}` and `${file:PATH}` in values.
//!
//! Never: expands twice, and never forgets that a value came from a file: such a value is a secret.

use std::{fs, io};

/// Where expansions come from.
pub trait Surroundings {
    /// The environment variable of that name.
    fn variable(&self, name: &str) -> Option<String>;
    /// The text of a file.
    ///
    /// # Errors
    /// The file cannot be read, or is no UTF-8.
    fn file(&self, path: &str) -> io::Result<String>;
}

/// The environment and the files of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Process;

/// A value after its expansion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Expanded {
    /// The text that holds.
    pub text: String,
    /// Whether a part of it came from a file.
    pub secret: bool,
    /// The names that were expanded, as they stand between the braces.
    pub from: Vec<String>,
}

/// Why a value could not be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExpandError {
    /// `${` without `}`.
    Open,
    /// The variable is not set.
    Unset(String),
    /// The file cannot be read.
    Unread(String, String),
}

/// The most octets of a file that a value may come from.
const FILE_MOST: u64 = 64 * 1024;

/// Expands a value. `$${` stands for `${`. The line end at the end of a file is dropped.
///
/// # Errors
/// The first expansion that fails.
pub(super) fn expand(written: &str, surroundings: &dyn Surroundings) -> Result<Expanded, ExpandError> {
    let mut expanded = Expanded::default();
    let mut rest = written;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            expanded.text.push_str(&rest[..at - 1]);
            expanded.text.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        expanded.text.push_str(&rest[..at]);
        let (name, behind) = rest[at + 2..].split_once('}').ok_or(ExpandError::Open)?;
        match name.strip_prefix("file:") {
            Some(path) => {
                let text =
                    surroundings.file(path).map_err(|error| ExpandError::Unread(path.into(), error.to_string()))?;
                expanded.text.push_str(text.strip_suffix('\n').unwrap_or(&text));
                expanded.secret = true;
            }
            None => {
                let text = surroundings.variable(name).ok_or_else(|| ExpandError::Unset(name.into()))?;
                expanded.text.push_str(&text);
            }
        }
        expanded.from.push(name.to_string());
        rest = behind;
    }
    expanded.text.push_str(rest);
    Ok(expanded)
}

/// A text that may be shown: the password of a URL is `***`.
pub(super) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_string() };
    // The last `@` ends the user's part: a password may hold one unescaped, or a slash.
    match rest.rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
        Some((user, password)) => {
            let behind = &rest[user.len() + 1 + password.len()..];
            format!("{scheme}://{user}:***{behind}")
        }
        None => text.to_string(),
    }
}

/// The text of a file with the passwords of its URLs and of its `password` keys starred out, every other octet in its
/// place.
pub(super) fn masked(text: &str) -> String {
    keys_masked(&urls_masked(text))
}

fn keys_masked(text: &str) -> String {
    const KEY: &str = "password:";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(KEY) {
        let blanks = rest[at + KEY.len()..].bytes().take_while(|octet| *octet == b' ').count();
        let start = at + KEY.len() + blanks;
        let value = &rest[start..];
        let length = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find([quote, '\n']).map_or(value.len(), |end| end + 2),
            // What is expanded is no secret as it stands.
            Some('$') => 0,
            _ => value.find(['\n', ',', '}', '#']).unwrap_or(value.len()),
        };
        let length = if value[..length].contains("${") { 0 } else { length };
        shown.push_str(&rest[..start]);
        shown.extend(
            value[..length].bytes().map(|octet| if matches!(octet, b'"' | b'\'' | b'\n') { octet.into() } else { '*' }),
        );
        rest = &rest[start + length..];
    }
    shown + rest
}

fn urls_masked(text: &str) -> String {
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let word = &rest[at + 3..];
        let word = &word[..word.find(ends_word).unwrap_or(word.len())];
        let password = word.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
        let (keep, stars) = password.map_or((word.len(), 0), |(user, password)| (user.len() + 1, password.len()));
        shown.push_str(&rest[..at + 3 + keep]);
        shown.extend(std::iter::repeat_n('*', stars));
        rest = &rest[at + 3 + keep + stars..];
    }
    shown + rest
}

impl Surroundings for Process {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &str) -> io::Result<String> {
        if fs::metadata(path)?.len() > FILE_MOST {
            return Err(io::Error::other("it is longer than 64 KiB"));
        }
        fs::read_to_string(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given;

    impl Surroundings for Given {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "NAME").then(|| "mail.example.net".to_string())
        }

        fn file(&self, path: &str) -> io::Result<String> {
            if path == "/secret" { Ok("s3cret\n".into()) } else { Err(io::Error::other("no such file")) }
        }
    }

    fn check(written: &str, expected: &str) {
        let shown = match expand(written, &Given) {
            Ok(expanded) => format!("{}{}", expanded.text, if expanded.secret { " (secret)" } else { "" }),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn variables_and_files_are_expanded_once() {
        check("plain", "plain");
        check("a ${NAME} b", "a mail.example.net b");
        check("x:${file:/secret}@y", "x:s3cret@y (secret)");
        check("$${NAME} costs $5", "${NAME} costs $5");
    }

    #[test]
    fn what_is_missing_is_said() {
        check("${NAM}", "Unset(\"NAM\")");
        check("${NAME", "Open");
        check("${file:/none}", "Unread(\"/none\", \"no such file\")");
    }

    #[test]
    fn the_password_of_a_url_is_never_shown() {
        assert_eq!(without_password("mysql://u:p@ss@h/db"), "mysql://u:***@h/db");
        assert_eq!(without_password("mysql://u:p/s?@h/db"), "mysql://u:***@h/db");
        assert_eq!(without_password("mysql://u@h/db"), "mysql://u@h/db");
        assert_eq!(without_password("sqlite:data/x.db"), "sqlite:data/x.db");
        assert_eq!(masked("password: s3c, x\npassword: 'a b'\n"), "password: ***, x\npassword: '***'\n");
        assert_eq!(masked("password: \"${file:/x}\" }"), "password: \"${file:/x}\" }");
        assert_eq!(masked("password: s3cret"), "password: ******");
        assert_eq!(masked("a: \"x://u:p@ss@h/d\" # y://u@h\n"), "a: \"x://u:****@h/d\" # y://u@h\n");
    }
}
