//! Where the Maildir of an address lies: a path with `{domain}` and `{local_part}` in it.
//!
//! Never: lets an address choose a folder outside of the template's own: what is no plain character is escaped.

use std::path::PathBuf;

use program::a_labels;

/// The path of Maildirs: one folder, or one for each address.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    text: String,
}

/// The most octets of one escaped part; longer names no file system takes.
const MOST: usize = 200;

impl Template {
    /// Reads a path.
    ///
    /// # Errors
    /// It is empty, or has other braces than `{domain}` and `{local_part}`.
    pub(crate) fn new(text: &str) -> Result<Template, String> {
        if text.is_empty() {
            return Err("the path of a maildir is empty".to_owned());
        }
        if text.replace("{domain}", "").replace("{local_part}", "").contains(['{', '}']) {
            return Err(format!("`{text}` has braces that are neither `{{domain}}` nor `{{local_part}}`"));
        }
        Ok(Template { text: text.to_owned() })
    }

    /// Whether each address has a folder of its own.
    pub(crate) fn is_own(&self) -> bool {
        self.text.contains("{local_part}")
    }

    /// The folder that all Maildirs are in; the Maildir itself where there is but one.
    pub(crate) fn root(&self) -> PathBuf {
        match self.text.split_once('{') {
            None => self.text.as_str().into(),
            Some((before, _)) => before.rsplit_once('/').map_or("", |(folder, _)| folder).into(),
        }
    }

    /// The Maildirs that are there.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let root = self.root();
        let below = std::path::Path::new(&self.text).strip_prefix(&root).map_or(0, |rest| rest.components().count());
        let mut folders = vec![root];
        for _ in 0..below {
            let inner = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
            folders = inner.map(|entry| entry.path()).collect();
        }
        folders.retain(|folder| folder.join("tmp").is_dir());
        folders
    }

    /// Whether each domain has a folder of its own.
    pub(crate) fn is_by_domain(&self) -> bool {
        self.text.contains("{domain}")
    }

    /// The folder that all Maildirs of a domain are in.
    ///
    /// # Errors
    /// No folder can have that name.
    pub(crate) fn of_domain(&self, domain: &str) -> Result<PathBuf, String> {
        let beginning = self.text.split("{local_part}").next().unwrap_or_default();
        let folder = beginning.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = escaped(&a_labels(domain)).ok_or_else(|| format!("`{domain}` cannot be the name of a folder"))?;
        Ok(folder.replace("{domain}", &name).into())
    }

    /// The folder of an address; one without a domain is of `host`.
    ///
    /// # Errors
    /// No folder can have that name.
    pub(crate) fn folder(&self, address: &str, host: &str) -> Result<PathBuf, String> {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, host));
        let domain = &*a_labels(domain);
        let local = escaped(local).ok_or_else(|| format!("`{address}` cannot be the name of a folder"))?;
        let domain = escaped(domain).ok_or_else(|| format!("`{address}` cannot be the name of a folder"))?;
        Ok(self.text.replace("{domain}", &domain).replace("{local_part}", &local).into())
    }
}

/// A part of an address as the name of a folder. Case does not count: Ann and ann are one person.
fn escaped(part: &str) -> Option<String> {
    let mut name = String::new();
    for octet in part.to_lowercase().bytes() {
        let plain = octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'+' | b'=');
        match octet {
            b'.' if !name.is_empty() => name.push('.'),
            _ if plain => name.push(char::from(octet)),
            _ => name.push_str(&format!("%{octet:02X}")),
        }
    }
    (!name.is_empty() && name.len() <= MOST).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, address: &str, folder: Option<&str>) {
        let template = Template::new(template).unwrap_or_else(|error| panic!("{error}"));
        let found = template.folder(address, "mx.example.com").ok();
        assert_eq!(found.as_deref().and_then(|path| path.to_str()), folder, "{address}");
    }

    #[test]
    fn each_address_has_a_folder_of_its_own_and_none_outside() {
        let own = "mail/{domain}/{local_part}";
        check(own, "Ann@Example.com", Some("mail/example.com/ann"));
        check(own, "postmaster", Some("mail/mx.example.com/postmaster"));
        check(own, "..@example.com", Some("mail/example.com/%2E."));
        check(own, "../../etc/passwd@example.com", Some("mail/example.com/%2E.%2F..%2Fetc%2Fpasswd"));
        check(own, "a b\"@c@[192.0.2.1]", Some("mail/%5B192.0.2.1%5D/a%20b%22%40c"));
        check(own, "@example.com", None);
        check(own, "", None);
        check(own, &"a".repeat(201), None);
        check("mail", "ann@example.com", Some("mail"));
        check(own, "ann@BÜCHER.example", Some("mail/xn--bcher-kva.example/ann"));
        check(own, "ann@xn--bcher-kva.example", Some("mail/xn--bcher-kva.example/ann"));
        check(own, "{domain}@example.com", Some("mail/example.com/%7Bdomain%7D"));
    }

    #[test]
    fn other_braces_are_refused() {
        for path in ["", "mail/{user}", "mail/}", "{domain"] {
            assert!(Template::new(path).is_err(), "{path}");
        }
        assert_eq!(Template::new("a/{domain}/{local_part}").and_then(|t| t.of_domain("B.c")), Ok("a/b.c".into()));
        assert_eq!(Template::new("a/b/{domain}").map(|t| t.root()), Ok("a/b".into()));
        assert_eq!(Template::new("a/x-{domain}").map(|t| t.root()), Ok("a".into()));
    }
}
