//! The names of old files, and which of them is the oldest.
//!
//! Never: takes a file for an old one that somebody else named.

/// An old file of a log: `NAME.2026-11-21`, `NAME.2026-11-21T18-43-09`, and `….2` behind it where the name was taken.
/// They sort by age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Old {
    stamp: String,
    number: u32,
}

impl Old {
    /// Reads the name of an old file of that log.
    pub(super) fn read(log: &str, name: &str) -> Option<Old> {
        let rest = name.strip_prefix(log)?.strip_prefix('.')?;
        let (stamp, number) = match rest.split_once('.') {
            Some((stamp, number)) => (stamp, number.parse().ok().filter(|number| *number > 1)?),
            None => (rest, 1),
        };
        let old = Old { stamp: stamp.to_string(), number };
        (is_stamp(stamp) && old.name(log) == name).then_some(old)
    }

    /// The next free one for that stamp.
    pub(super) fn new(stamp: String, there: &[Old]) -> Old {
        let taken = there.iter().filter(|old| old.stamp == stamp).map(|old| old.number).max();
        Old { stamp, number: taken.unwrap_or(0) + 1 }
    }

    /// Its name.
    pub(super) fn name(&self, log: &str) -> String {
        match self.number {
            1 => format!("{log}.{}", self.stamp),
            number => format!("{log}.{}.{number}", self.stamp),
        }
    }
}

/// `2026-11-21` or `2026-11-21T18-43-09`.
fn is_stamp(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00-00-00";
    let fits = |(octet, form): (&u8, &u8)| if *form == b'0' { octet.is_ascii_digit() } else { octet == form };
    (text.len() == 10 || text.len() == FORM.len()) && text.as_bytes().iter().zip(FORM).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_read() {
        let check = |name: &str, is_ours: bool| {
            let old = Old::read("s.log", name);
            assert_eq!(old.is_some(), is_ours, "{name}");
            assert!(old.is_none_or(|old| old.name("s.log") == name));
        };
        check("s.log.2026-11-21", true);
        check("s.log.2026-11-21.2", true);
        check("s.log.2026-11-21T18-43-09", true);
        check("s.log.2026-11-21T18-43-09.12", true);
        for name in ["s.log", "s.log.1", "s.log.2026-11-21.gz", "s.log.2026-11-21.1", "s.log.2026-11-21.02", "s.log."] {
            check(name, false);
        }
        check("other.log.2026-11-21", false);
        check("s.log.2026-11-21T18", false);
    }

    #[test]
    fn they_sort_by_age() {
        let read = |name: &str| Old::read("s", name).unwrap();
        let names = ["s.2026-11-20", "s.2026-11-20.2", "s.2026-11-20.10", "s.2026-11-20T01-00-00", "s.2026-11-21"];
        assert!(names.iter().map(|name| read(name)).is_sorted());
        let there: Vec<Old> = names.iter().map(|name| read(name)).collect();
        assert_eq!(Old::new("2026-11-20".into(), &there).name("s"), "s.2026-11-20.11");
        assert_eq!(Old::new("2026-11-22".into(), &there).name("s"), "s.2026-11-22");
    }
}
