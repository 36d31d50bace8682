//! `:name` in the text of a statement becomes what the database's own protocol counts by: `?` or `$1`.
//!
//! Quoted texts, quoted names, comments and casts (`::`) stay as they are, as the database itself would read them.
//!
//! Never: puts a value into a text, or lets a placeholder through that the file does not name.

/// Whose rules hold for quotes and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// MySQL and MariaDB: `?` for every use; a backslash escapes in quotes; `#` begins a comment.
    Mysql,
    /// PostgreSQL: `$1` for every name; `E'…'`, `$tag$…$tag$`, comments within comments.
    Postgres,
}

/// A text that the database prepares, and what goes into its placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The text.
    pub(super) text: String,
    /// For each placeholder, in order, the index of its parameter.
    pub(super) order: Vec<usize>,
}

/// Rewrites a text whose parameters have these names.
///
/// # Errors
/// A name that is no parameter, a bare placeholder of the database's, or a quote or comment that never ends.
pub(super) fn rewrite(text: &str, names: &[&str], dialect: Dialect) -> Result<Rewritten, String> {
    let mut reader = Reader { text, at: 0, dialect };
    let mut rewritten = Rewritten { text: String::with_capacity(text.len() + 8), order: Vec::new() };
    while reader.at < text.len() {
        let start = reader.at;
        match reader.token()? {
            Token::Text => rewritten.text.push_str(&text[start..reader.at]),
            Token::Parameter(name) => {
                let known = names.iter().position(|known| *known == name);
                let index = known.ok_or_else(|| format!("`:{name}` is no parameter of the statement"))?;
                rewritten.place(index, dialect);
            }
            Token::Placeholder(found) => {
                return Err(format!("`{found}` stands outside quotes: parameters are written as :NAME"));
            }
        }
    }
    Ok(rewritten)
}

/// Whether a statement inserts, updates or deletes rows by its own verb, wherever it has one behind a `WITH`. What a
/// function or a part of the `WITH` changes is not seen.
pub(super) fn writes(text: &str, dialect: Dialect) -> bool {
    let mut reader = Reader { text, at: 0, dialect };
    let (mut depth, mut with) = (0_usize, false);
    while reader.at < text.len() {
        let start = reader.at;
        if reader.token().is_err() {
            return false;
        }
        match text[start..reader.at].to_ascii_uppercase().as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "MERGE" if depth == 0 => return true,
            "SELECT" | "VALUES" | "TABLE" if depth == 0 => return false,
            "WITH" => with = true,
            word if !with && word.bytes().next().is_some_and(is_start) => return false,
            _ => {}
        }
    }
    false
}

/// Whether a statement asks and has no word in it that writes. What a function changes that it calls is not seen.
pub(super) fn reads(text: &str, dialect: Dialect) -> bool {
    let mut reader = Reader { text, at: 0, dialect };
    let mut first = true;
    while reader.at < text.len() {
        let start = reader.at;
        if reader.token().is_err() {
            return false;
        }
        let word = &text[start..reader.at];
        let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        if is(&["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "INTO"]) {
            return false;
        }
        let begins = word.bytes().next().is_some_and(is_start) && std::mem::take(&mut first);
        if begins && !is(&["SELECT", "WITH", "VALUES", "TABLE", "SHOW"]) {
            return false;
        }
    }
    !first
}

/// Whether nothing but blanks and comments comes after the first semicolon.
pub(super) fn is_single(text: &str, dialect: Dialect) -> bool {
    let mut reader = Reader { text, at: 0, dialect };
    let mut is_over = false;
    while reader.at < text.len() {
        let start = reader.at;
        if reader.token().is_err() {
            return false;
        }
        match &text[start..reader.at] {
            ";" => is_over = true,
            token if token.starts_with("--") || token.starts_with("/*") || token.trim().is_empty() => {}
            _ if is_over => return false,
            _ => {}
        }
    }
    true
}

impl Rewritten {
    fn place(&mut self, index: usize, dialect: Dialect) {
        let seen = self.order.iter().position(|placed| *placed == index);
        match (dialect, seen) {
            (Dialect::Mysql, _) => {
                self.order.push(index);
                self.text.push('?');
            }
            (Dialect::Postgres, Some(place)) => self.text.push_str(&format!("${}", place + 1)),
            (Dialect::Postgres, None) => {
                self.order.push(index);
                self.text.push_str(&format!("${}", self.order.len()));
            }
        }
    }
}

enum Token<'a> {
    /// Something that is taken over as it stands.
    Text,
    /// `:name`.
    Parameter(&'a str),
    /// `?` or `$1`.
    Placeholder(&'a str),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    /// Reads one token. Everything that decides is ASCII, so every cut falls between characters.
    fn token(&mut self) -> Result<Token<'a>, String> {
        let rest = &self.text[self.at..];
        let octets = rest.as_bytes();
        let mysql = self.dialect == Dialect::Mysql;
        match octets {
            [b'\'', ..] => self.quoted(b'\'', mysql || self.behind_e())?,
            [b'"', ..] => self.quoted(b'"', mysql)?,
            [b'`', ..] if mysql => self.quoted(b'`', false)?,
            [b'#', ..] if mysql => self.line(),
            // MySQL takes two hyphens for a comment only with a blank or nothing behind them.
            [b'-', b'-', third @ ..] if !mysql || third.first().is_none_or(u8::is_ascii_whitespace) => self.line(),
            [b'/', b'*', ..] => self.comment()?,
            [b'$', ..] if !mysql => return self.dollar(),
            [b'?', ..] if mysql => return Ok(self.take(1, Token::Placeholder)),
            [b':', b':', ..] => self.at += 2,
            [b':', first, ..] if is_start(*first) => {
                let length = word(&rest[1..]);
                self.at += 1 + length;
                return Ok(Token::Parameter(&rest[1..1 + length]));
            }
            [first, ..] if is_start(*first) => self.at += identifier(rest),
            _ => self.at += rest.chars().next().map_or(1, char::len_utf8),
        }
        Ok(Token::Text)
    }

    fn take(&mut self, length: usize, token: fn(&'a str) -> Token<'a>) -> Token<'a> {
        let found = &self.text[self.at..self.at + length];
        self.at += length;
        token(found)
    }

    /// Whether an `E` of its own stands before the quote, which lets a backslash escape.
    fn behind_e(&self) -> bool {
        let mut before = self.text[..self.at].bytes().rev();
        matches!(before.next(), Some(b'e' | b'E'))
            && !before.next().is_some_and(|octet| is_start(octet) || octet.is_ascii_digit())
    }

    /// A quoted run; a doubled quote inside goes on.
    fn quoted(&mut self, quote: u8, backslash: bool) -> Result<(), String> {
        let octets = self.text.as_bytes();
        let start = self.at;
        self.at += 1;
        while let Some(octet) = octets.get(self.at) {
            match octet {
                b'\\' if backslash => self.at += 2,
                octet if *octet == quote && octets.get(self.at + 1) == Some(&quote) => self.at += 2,
                octet if *octet == quote => {
                    self.at += 1;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        self.at = start;
        Err(format!("the quote `{}` is never closed", char::from(quote)))
    }

    fn line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    fn comment(&mut self) -> Result<(), String> {
        let octets = self.text.as_bytes();
        let mut depth = 1;
        self.at += 2;
        while depth > 0 {
            match octets.get(self.at..self.at + 2) {
                Some(b"*/") => (depth, self.at) = (depth - 1, self.at + 2),
                Some(b"/*") if self.dialect == Dialect::Postgres => (depth, self.at) = (depth + 1, self.at + 2),
                Some(_) => self.at += 1,
                None => return Err("the comment `/*` is never closed".to_owned()),
            }
        }
        Ok(())
    }

    /// `$tag$ … $tag$`, or a bare `$1`.
    fn dollar(&mut self) -> Result<Token<'a>, String> {
        let rest = &self.text[self.at..];
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return Ok(self.take(1 + digits, Token::Placeholder));
        }
        let tag = rest[1..].find('$').filter(|end| word(&rest[1..]) == *end);
        let Some(tag) = tag.map(|end| &rest[..end + 2]) else {
            self.at += 1;
            return Ok(Token::Text);
        };
        let end = rest[tag.len()..].find(tag).ok_or_else(|| format!("the quote `{tag}` is never closed"))?;
        self.at += end + 2 * tag.len();
        Ok(Token::Text)
    }
}

/// Whether a name may begin with it. Octets above ASCII are letters to every database.
fn is_start(octet: u8) -> bool {
    octet.is_ascii_alphabetic() || octet == b'_' || octet >= 0x80
}

/// The length of the word at the start of a text, which begins with a letter, or of nothing.
fn word(text: &str) -> usize {
    let goes_on = |octet: &u8| is_start(*octet) || octet.is_ascii_digit();
    let begins = text.bytes().next().is_some_and(is_start);
    if begins { text.bytes().take_while(goes_on).count() } else { 0 }
}

/// The same for a name of the database's own, in which `$` may stand.
fn identifier(text: &str) -> usize {
    text.bytes().take_while(|octet| is_start(*octet) || octet.is_ascii_digit() || *octet == b'$').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dialect: Dialect, text: &str, expected: &str, order: &[usize]) {
        let rewritten = rewrite(text, &["a", "login", "b_2"], dialect);
        assert_eq!(rewritten, Ok(Rewritten { text: expected.to_owned(), order: order.to_vec() }), "{text}");
    }

    #[track_caller]
    fn same(dialect: Dialect, text: &str) {
        check(dialect, text, text, &[]);
    }

    #[track_caller]
    fn refused(dialect: Dialect, text: &str, why: &str) {
        assert_eq!(rewrite(text, &["a"], dialect), Err(why.to_owned()), "{text}");
    }

    use Dialect::{Mysql, Postgres};

    #[test]
    fn names_become_placeholders() {
        check(Mysql, "SELECT :a,:login WHERE x=:a", "SELECT ?,? WHERE x=?", &[0, 1, 0]);
        check(Postgres, "SELECT :a,:login WHERE x=:a", "SELECT $1,$2 WHERE x=$1", &[0, 1]);
        check(Postgres, "f(:b_2)::int, :a::text", "f($1)::int, $2::text", &[2, 0]);
        check(Postgres, "é = :login AND 'é' = :a", "é = $1 AND 'é' = $2", &[1, 0]);
        check(Mysql, "(:a)--:login", "(?)--?", &[0, 1]);
    }

    #[test]
    fn quotes_and_comments_stay() {
        for dialect in [Mysql, Postgres] {
            same(dialect, "SELECT ':a', 'it''s :a', \"c:a\", \"say \"\":a\"\"\"");
            same(dialect, "SELECT 1 -- :a\n, 2 /* :a ' */, 3 /* ** */");
            same(dialect, "SELECT a::text, x := 1, 12:30, t.a");
            check(
                dialect,
                "SELECT '' , :a -- ' :b",
                if dialect == Mysql { "SELECT '' , ? -- ' :b" } else { "SELECT '' , $1 -- ' :b" },
                &[0],
            );
        }
        same(Mysql, "SELECT 'it\\'s :a', \"\\\":a\", `:a``:a` # :a ' \n");
        same(Mysql, "SELECT 'a\\\\'");
        same(Postgres, "SELECT E'it\\'s :a', e'\\\\'");
        check(Postgres, "SELECT 'a\\', :a, '\\'", "SELECT 'a\\', $1, '\\'", &[0]);
        check(Postgres, "SELECT name'\\', :a", "SELECT name'\\', $1", &[0]);
        same(Postgres, "SELECT $$ :a ' $$, $t$ :a $$ :a $t$");
        same(Postgres, "SELECT 1 /* a /* :a */ :a */");
        check(Postgres, "x ? 'k' AND y = :a", "x ? 'k' AND y = $1", &[0]);
        check(Postgres, "a$b$c = :a AND d$ = :a", "a$b$c = $1 AND d$ = $1", &[0]);
    }

    #[test]
    fn the_verb_says_whether_a_statement_writes() {
        let check = |text: &str, wanted: bool| {
            for dialect in [Mysql, Postgres] {
                assert_eq!(writes(text, dialect), wanted, "{text}");
            }
        };
        check("insert into t values (1) returning id", true);
        check("/* SELECT */ -- SELECT\n Delete FROM t", true);
        check("WITH x AS (SELECT 1), y (a) AS (SELECT 2) UPDATE t SET a = 1", true);
        check("WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", false);
        check("SELECT a FROM t WHERE a = 'x' FOR UPDATE", false);
        check("CREATE TABLE t AS SELECT 1", false);
        check("CALL p('INSERT')", false);
        check("(SELECT 1)", false);
        check("", false);
    }

    #[test]
    fn a_statement_reads_when_it_asks_and_no_word_writes() {
        let check = |text: &str, wanted: bool| {
            for dialect in [Mysql, Postgres] {
                assert_eq!(reads(text, dialect), wanted, "{text}");
            }
        };
        check("-- INSERT\n(select a FROM t WHERE b = 'DELETE')", true);
        check("WITH x AS (SELECT 1) SELECT * FROM x", true);
        check("WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", false);
        check("SELECT a INTO u FROM t", false);
        check("INSERT INTO t VALUES (1) RETURNING a", false);
        check("CALL p()", false);
        check("", false);
    }

    #[test]
    fn a_second_statement_is_seen() {
        let check = |text: &str, wanted: bool| assert_eq!(is_single(text, Postgres), wanted, "{text}");
        check("SELECT ';' /* ; */ -- ;", true);
        check("SELECT 1; -- over\n /* ; */ ;", true);
        check("SELECT $$;$$; SELECT 2", false);
        check("SELECT 1;DROP TABLE t", false);
        check("SELECT '", false);
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        refused(Mysql, "SELECT :logn", "`:logn` is no parameter of the statement");
        refused(Postgres, "SELECT :aa", "`:aa` is no parameter of the statement");
        refused(Mysql, "SELECT ?", "`?` stands outside quotes: parameters are written as :NAME");
        refused(Postgres, "SELECT $12", "`$12` stands outside quotes: parameters are written as :NAME");
        refused(Mysql, "SELECT 'a\\'", "the quote `'` is never closed");
        refused(Postgres, "SELECT $x$ :a $$", "the quote `$x$` is never closed");
        refused(Postgres, "SELECT /* /* */ :a", "the comment `/*` is never closed");
        refused(Mysql, "SELECT /*/", "the comment `/*` is never closed");
    }
}
