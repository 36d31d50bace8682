//! The addresses that the operator has written down for names: the file `/etc/hosts` (hosts(5)).
//!
//! Never: asks the DNS.

use std::{
    fs::File,
    io::{self, Read},
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use hickory_resolver::{
    Hosts,
    proto::{
        op::Query,
        rr::{Name, RecordType},
    },
};

/// The most octets of the file that are read.
const MOST: u64 = 16 << 20;

/// A hosts file. It is read again when it has changed.
pub struct HostsFile {
    path: PathBuf,
    read: Mutex<Option<(Version, Hosts)>>,
}

/// What changes when the file does: its length in octets, and when it was written.
type Version = (u64, Option<SystemTime>);

impl HostsFile {
    /// The file at that path. It need not be there.
    pub fn new(path: &Path) -> HostsFile {
        HostsFile { path: path.to_owned(), read: Mutex::new(None) }
    }

    /// The IPv6 and the IPv4 addresses that the file has for a name; none where it does not have the name, or cannot be
    /// read. Case does not count. Blocks.
    pub fn addresses(&self, name: &str) -> (Vec<IpAddr>, Vec<IpAddr>) {
        let Ok(name) = Name::from_str(name) else { return Default::default() };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if self.refresh(&mut read).is_err() {
            *read = None;
        }
        let Some((_, hosts)) = &*read else { return Default::default() };
        let of = |kind| {
            let found = hosts.lookup_static_host(&Query::query(name.clone(), kind));
            found.iter().flat_map(|found| found.answers()).filter_map(|record| record.data.ip_addr()).collect()
        };
        (of(RecordType::AAAA), of(RecordType::A))
    }

    fn refresh(&self, read: &mut Option<(Version, Hosts)>) -> io::Result<()> {
        let file = File::open(&self.path)?;
        let about = file.metadata()?;
        let version = (about.len(), about.modified().ok());
        if read.as_ref().is_none_or(|(known, _)| *known != version) {
            let mut hosts = Hosts::default();
            hosts.read_hosts_conf(file.take(MOST))?;
            *read = Some((version, hosts));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_addresses_that_its_lines_give_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        let hosts = HostsFile::new(&path);
        let check = |name: &str, six: &[&str], four: &[&str]| {
            let parsed = |list: &[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
            assert_eq!(hosts.addresses(name), (parsed(six), parsed(four)), "{name}");
        };
        check("hop.internal", &[], &[]);
        std::fs::write(&path, "# ours\n192.0.2.1 hop.internal hop # next\n2001:db8::1\tHop.Internal\nnonsense\n")
            .unwrap();
        check("hop.internal", &["2001:db8::1"], &["192.0.2.1"]);
        check("HOP", &[], &["192.0.2.1"]);
        check("hop.internal.example", &[], &[]);
        check("not a name..", &[], &[]);
        std::fs::write(&path, "192.0.2.7 hop.internal\n").unwrap();
        check("hop.internal", &[], &["192.0.2.7"]);
        std::fs::remove_file(&path).unwrap();
        check("hop.internal", &[], &[]);
    }
}
