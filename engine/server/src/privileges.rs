//! The rights of the process: given up for good before anything is served.
//!
//! Supplementary groups go first, then the group, then the user; then it is tried to get them back, which must fail.
//!
//! Never: gives a right up while another thread runs, which would keep it.

use std::{
    ffi::CString,
    fmt, fs,
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use caps::{CapSet, Capability, CapsHashSet};
use nix::{
    errno::Errno,
    sys::prctl,
    unistd::{
        Gid, Group, Uid, User, chdir, chroot, getegid, geteuid, getgroups, getresgid, getresuid, initgroups, setgroups,
        setresgid, setresuid,
    },
};

use crate::{
    config::RunAs,
    exit::{Exit, Fault},
};

/// The proof that nothing is served with the rights of root, but on this machine alone. Serving takes one.
#[derive(Debug, Clone, Copy)]
pub struct Unprivileged(());

/// A user and a group that the process can go on as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name of the user.
    pub user: String,
    /// The name of the group.
    pub group: String,
    /// The user; never root.
    pub uid: Uid,
    /// The group; never root's.
    pub gid: Gid,
    /// All groups of the user, the one above among them.
    groups: Vec<Gid>,
}

impl Account {
    /// Looks up the user and the group.
    ///
    /// # Errors
    /// One of them does not exist, or is root.
    pub fn find(run_as: &RunAs) -> Result<Account, Fault> {
        let wrong = |message: String, help: &str| Fault::new(Exit::Config, message, help);
        let unread = |errno: Errno| wrong(format!("users cannot be looked up: {errno}"), "mend /etc/nsswitch.conf");
        let user = User::from_name(&run_as.user).map_err(unread)?.ok_or_else(|| {
            let help = format!("make it, `adduser --system --group {}`, or name another in `run_as`", run_as.user);
            wrong(format!("there is no user `{}`", run_as.user), &help)
        })?;
        let group = match &run_as.group {
            Some(name) => Group::from_name(name).map_err(unread)?.ok_or_else(|| {
                let help = format!("make it, `addgroup --system {name}`, or name another in `run_as`");
                wrong(format!("there is no group `{name}`"), &help)
            })?,
            None => Group::from_gid(user.gid).map_err(unread)?.ok_or_else(|| {
                wrong(format!("the group of `{}` has no name", user.name), "name one in `run_as`: `group: …`")
            })?,
        };
        let name = CString::new(user.name.as_str()).unwrap_or_default();
        let groups = nix::unistd::getgrouplist(&name, group.gid).map_err(unread)?;
        if user.uid.is_root() || group.gid.as_raw() == 0 || groups.iter().any(|gid| gid.as_raw() == 0) {
            let message = format!("`run_as` names root, or a group of root's: {}:{}", user.name, group.name);
            return Err(wrong(message, "name a user that owns nothing else"));
        }
        Ok(Account { user: user.name, group: group.name, uid: user.uid, gid: group.gid, groups })
    }

    /// Whether it may make something in a folder with that mode and those owners.
    pub(crate) fn may_write(&self, mode: u32, uid: u32, gid: u32) -> bool {
        let wanted = 0o3;
        let bits = if uid == self.uid.as_raw() {
            mode >> 6
        } else if gid == self.gid.as_raw() || self.groups.iter().any(|group| group.as_raw() == gid) {
            mode >> 3
        } else {
            mode
        };
        bits & wanted == wanted
    }
}

/// Whether the process has the rights of root.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Root without `run_as` is refused.
pub fn refused() -> Fault {
    Fault::new(
        Exit::Denied,
        "started as root, and the configuration does not say whom to go on as",
        "write `run_as: { user: saywhen, group: saywhen }`, or start it as a user: `runuser -u USER -- saywhen run …`",
    )
}

/// Makes a folder the root of this process. Must be called as root, before rights are given up.
///
/// # Errors
/// The folder is not there, or others than root may write into it.
pub fn enter(root: &Path) -> Result<(), Fault> {
    let fault = |exit, why: String| {
        let message = format!("`{}` cannot be made the root folder: {why}", root.display());
        Fault::new(exit, message, "mend `run_as.root`; it must belong to root, and nobody else may write into it")
    };
    let rights = fs::metadata(root).map_err(|error| fault(Exit::Config, error.to_string()))?;
    if rights.uid() != 0 || rights.mode() & 0o022 != 0 {
        return Err(fault(Exit::Denied, "others than root may write into it".to_string()));
    }
    chroot(root).and_then(|()| chdir("/")).map_err(|errno| fault(Exit::Denied, errno.to_string()))
}

/// A path as it is seen below that root.
pub fn seen_from(root: &Path, path: &Path) -> Result<PathBuf, Fault> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    whole.strip_prefix(root).map(|below| Path::new("/").join(below)).map_err(|_| {
        let message = format!("`{}` does not lie below `{}`", whole.display(), root.display());
        Fault::new(Exit::Config, message, "with `run_as.root` everything lies below it, the configuration, too")
    })
}

/// Goes on as that account for ever; `low_ports` leaves the right to bind ports below 1024. Must be called as root.
///
/// # Errors
/// A right cannot be given up, or could be got back.
pub fn drop_to(account: &Account, low_ports: bool) -> Result<Unprivileged, Fault> {
    alone()?;
    let step = |what: &'static str| move |errno: Errno| kept(format!("{what}: {errno}"));
    let user = CString::new(account.user.as_str()).unwrap_or_default();
    // A limited root may lack the right to narrow the bounding set; without new privileges it grants nothing anyway.
    let _ = narrow(low_ports);
    prctl::set_keepcaps(low_ports).map_err(step("capabilities cannot be kept"))?;
    initgroups(&user, account.gid).map_err(step("the groups cannot be given up"))?;
    setresgid(account.gid, account.gid, account.gid).map_err(step("the group cannot be given up"))?;
    setresuid(account.uid, account.uid, account.uid).map_err(step("the user cannot be given up"))?;
    confine(low_ports)?;
    verify(account)?;
    Ok(Unprivileged(()))
}

/// Goes on as whoever started the process, who is not root: capabilities go, and new ones never come.
///
/// # Errors
/// It is root, or a right cannot be given up.
pub fn as_started(low_ports: bool) -> Result<Unprivileged, Fault> {
    alone()?;
    let (users, groups) = (getresuid(), getresgid());
    let is_root = |ids: &[u32]| ids.contains(&0);
    let users = users.map_err(|errno| kept(errno.to_string()))?;
    let groups = groups.map_err(|errno| kept(errno.to_string()))?;
    if is_root(&[users.real.as_raw(), users.effective.as_raw(), users.saved.as_raw()]) {
        return Err(refused());
    }
    if is_root(&[groups.real.as_raw(), groups.effective.as_raw(), groups.saved.as_raw()]) {
        return Err(kept("the group is root's".to_string()));
    }
    confine(low_ports)?;
    Ok(Unprivileged(()))
}

/// Root may serve where nobody but this machine comes in: `dev` and the play of conversations. UNIX sockets are not
/// asked for.
///
/// # Errors
/// It is root, and one of the addresses can be reached from elsewhere.
pub fn on_loopback(addresses: impl IntoIterator<Item = SocketAddr>) -> Result<Unprivileged, Fault> {
    let open = addresses.into_iter().find(|address| !address.ip().to_canonical().is_loopback());
    match open {
        Some(address) if is_root() => Err(Fault::new(
            Exit::Denied,
            format!("root is not served to others, and {address} can be reached by them"),
            "listen on 127.0.0.1 or ::1, or start it as a user: `runuser -u USER -- saywhen …`",
        )),
        _ => Ok(Unprivileged(())),
    }
}

/// Everything but the one capability goes, from every set, and nothing that is executed brings any back.
fn confine(low_ports: bool) -> Result<(), Fault> {
    let left = left(low_ports);
    let has = caps::read(None, CapSet::Permitted).map_err(|error| kept(error.to_string()))?;
    let left: CapsHashSet = left.intersection(&has).copied().collect();
    let step = |error: caps::errors::CapsError| kept(format!("capabilities: {error}"));
    // A kernel without ambient capabilities has none to give up.
    let _ = caps::clear(None, CapSet::Ambient);
    caps::set(None, CapSet::Effective, &left).map_err(step)?;
    caps::set(None, CapSet::Permitted, &left).map_err(step)?;
    caps::clear(None, CapSet::Inheritable).map_err(step)?;
    prctl::set_keepcaps(false).map_err(|errno| kept(errno.to_string()))?;
    prctl::set_no_new_privs().map_err(|errno| kept(format!("new privileges cannot be refused: {errno}")))?;
    for set in [CapSet::Effective, CapSet::Permitted, CapSet::Inheritable] {
        let still = caps::read(None, set).map_err(step)?;
        if !still.is_subset(&left) {
            return Err(kept(format!("capabilities are left: {still:?}")));
        }
    }
    Ok(())
}

fn left(low_ports: bool) -> CapsHashSet {
    low_ports.then_some(Capability::CAP_NET_BIND_SERVICE).into_iter().collect()
}

fn narrow(low_ports: bool) -> Result<(), caps::errors::CapsError> {
    let left = left(low_ports);
    let bounding = caps::read(None, CapSet::Bounding)?;
    bounding.difference(&left).try_for_each(|capability| caps::drop(None, CapSet::Bounding, *capability))
}

/// Tries to become what it was.
fn verify(account: &Account) -> Result<(), Fault> {
    let root = (Uid::from_raw(0), Gid::from_raw(0));
    let back = [
        ("the user", setresuid(root.0, root.0, root.0)),
        ("the user", nix::unistd::seteuid(root.0)),
        ("the group", setresgid(root.1, root.1, root.1)),
        ("the groups", setgroups(&[root.1])),
    ];
    if let Some((what, _)) = back.iter().find(|(_, got)| got.is_ok()) {
        return Err(kept(format!("{what} could be got back")));
    }
    let users = getresuid().map_err(|errno| kept(errno.to_string()))?;
    let groups = getresgid().map_err(|errno| kept(errno.to_string()))?;
    let own = [users.real, users.effective, users.saved].iter().all(|uid| *uid == account.uid)
        && [groups.real, groups.effective, groups.saved].iter().all(|gid| *gid == account.gid);
    let extra = getgroups().map_err(|errno| kept(errno.to_string()))?;
    let foreign = extra.iter().find(|gid| **gid != account.gid && !account.groups.contains(gid));
    match foreign {
        None if own && getegid() == account.gid => Ok(()),
        _ => Err(kept("an identity is left over".to_string())),
    }
}

/// Capabilities, `no_new_privs` and the sandbox hold for a thread and those that it starts: there must be one only.
fn alone() -> Result<(), Fault> {
    // Below another root folder there may be no /proc to ask.
    let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads == 1 { Ok(()) } else { Err(kept(format!("{threads} threads run already"))) }
}

fn kept(why: String) -> Fault {
    let message = format!("rights cannot be given up: {why}");
    Fault::new(Exit::Denied, message, "start it as root, or as the user that it is to run as")
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({}:{})", self.user, self.group, self.uid, self.gid)
    }
}
