//! Series with their values, in the order of the page.
//!
//! Never: has a series twice.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use super::families::Family;

/// Series with their values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(BTreeMap<Series, f64>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    family: &'static str,
    suffix: &'static str,
    labels: String,
    /// The place of the bound and the bound, in a histogram.
    bound: Option<(usize, String)>,
}

impl Samples {
    /// Adds to the one that has these labels.
    pub(crate) fn add(&mut self, family: Family, labels: &[(&str, &str)], value: f64) {
        self.put((family, ""), labels, None, value);
    }

    /// Adds to a part of a histogram.
    pub(crate) fn part(&mut self, family: Family, suffix: &'static str, labels: &[(&str, &str)], value: f64) {
        self.put((family, suffix), labels, None, value);
    }

    /// Adds to how many were not greater than a bound; all bounds have a place.
    pub(crate) fn bucket(&mut self, family: Family, labels: &[(&str, &str)], bound: (usize, String), value: f64) {
        self.put((family, "_bucket"), labels, Some(bound), value);
    }

    /// Writes what belongs to a family.
    pub(crate) fn write(&self, family: Family, suffix: &str, page: &mut impl Write) -> fmt::Result {
        for (series, value) in self.0.iter().filter(|(series, _)| series.is_of(family, suffix)) {
            writeln!(page, "{series} {value}")?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        (family, suffix): (Family, &'static str),
        labels: &[(&str, &str)],
        bound: Option<(usize, String)>,
        value: f64,
    ) {
        let all: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let series = Series { family: family.name, suffix, labels: all.join(","), bound };
        *self.0.entry(series).or_default() += value;
    }
}

impl Series {
    fn is_of(&self, family: Family, suffix: &str) -> bool {
        self.family == family.name && self.suffix == suffix
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Series { family, suffix, labels, bound } = self;
        write!(f, "{family}{suffix}")?;
        match bound {
            Some((_, bound)) => write!(f, "{{{labels},le=\"{bound}\"}}"),
            None if labels.is_empty() => Ok(()),
            None => write!(f, "{{{labels}}}"),
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::{super::families::FAMILIES, *};

    #[test]
    fn values_are_escaped_added_and_ordered() {
        let mut samples = Samples::default();
        let family = FAMILIES[0];
        samples.add(family, &[("a", "\"x\\\n")], 1.0);
        samples.add(family, &[("a", "\"x\\\n")], 2.0);
        samples.bucket(family, &[("a", "y")], (9, "+Inf".into()), 5.0);
        samples.bucket(family, &[("a", "y")], (2, "10".into()), 4.0);
        let mut page = String::new();
        samples.write(family, "", &mut page).unwrap();
        samples.write(family, "_bucket", &mut page).unwrap();
        let name = family.name;
        let expected = format!(
            "{name}{{a=\"\\\"x\\\\\\n\"}} 3\n{name}_bucket{{a=\"y\",le=\"10\"}} 4\n{name}_bucket{{a=\"y\",le=\"+Inf\"}} 5\n"
        );
        assert_eq!(page, expected);
    }
}
