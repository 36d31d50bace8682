//! The file of a UNIX socket: made with its rights before anybody can connect, and removed with its socket.
//!
//! Never: removes a file that is no socket, that a living server listens on, or that took the place of ours.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt, chown},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use nix::{
    fcntl::{Flock, FlockArg},
    unistd::Group,
};
use socket2::{Domain, SockAddr, Socket, Type};

/// How many connections wait in the kernel.
pub(super) const BACKLOG: i32 = 1024;

/// Who may connect to a UNIX socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRights {
    /// The rights of its file, 0 to 0o777; who may write may connect.
    pub mode: u32,
    /// The group of its file; absent: that of the process.
    pub group: Option<String>,
}

impl Default for FileRights {
    /// Its owner and the group.
    fn default() -> FileRights {
        FileRights { mode: 0o660, group: None }
    }
}

impl FileRights {
    /// Gives a socket's file these rights.
    ///
    /// # Errors
    /// There is no such group, we are not in it, or the file is not ours.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        if let Some(name) = &self.group {
            let found = Group::from_name(name).map_err(io::Error::from)?;
            let group = found.ok_or_else(|| io::Error::other(format!("there is no group `{name}`")))?;
            let group = Some(group.gid.as_raw());
            chown(path, None, group)
                .map_err(|error| io::Error::new(error.kind(), format!("group `{name}`: {error}")))?;
        }
        fs::set_permissions(path, Permissions::from_mode(self.mode))
    }
}

/// The file of a socket of ours. It is removed when this is dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number, by which it is known again.
    id: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // The next server removes what is left over.
        if id(&self.path).is_ok_and(|id| id == self.id) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds a UNIX socket, in the place of the file that a dead server left. Nobody can connect before its file has its rights.
///
/// # Errors
/// A living server listens there (`AddrInUse`), another file is there (`AlreadyExists`), or the folder is not ours to
/// write.
pub(super) fn bind(path: &Arc<Path>, rights: &FileRights) -> io::Result<(UnixListener, SocketFile)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    let address = SockAddr::unix(path)?;
    // Of two servers that begin at once none must take the other's fresh socket for a dead one.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _turn =
        Flock::lock(File::open(folder)?, FlockArg::LockExclusive).map_err(|(_, errno)| io::Error::from(errno))?;
    remove_dead(path)?;
    socket.bind(&address)?;
    let file = SocketFile { path: path.to_path_buf(), id: id(path)? };
    rights.give(path)?;
    socket.listen(BACKLOG)?;
    Ok((socket.into(), file))
}

/// Removes the socket that a dead server left.
fn remove_dead(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file is there that is no socket")),
    }
    match UnixStream::connect(path) {
        // Nobody listens: that alone shows that it is dead.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => Err(io::ErrorKind::AddrInUse.into()),
    }
}

fn id(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Arc<Path>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        (folder, path.into())
    }

    fn fault(path: &Arc<Path>) -> io::ErrorKind {
        bind(path, &FileRights::default()).unwrap_err().kind()
    }

    #[test]
    fn a_socket_has_its_rights_and_goes_with_its_server() {
        let (_folder, path) = place();
        let rights = FileRights { mode: 0o600, group: None };
        let (_socket, file) = bind(&path, &rights).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn the_socket_of_a_dead_server_is_replaced_and_that_of_a_living_one_is_not() {
        let (_folder, path) = place();
        let (living, file) = bind(&path, &FileRights::default()).unwrap();
        assert_eq!(fault(&path), io::ErrorKind::AddrInUse);
        UnixStream::connect(&path).unwrap();
        drop(living);
        std::mem::forget(file);
        bind(&path, &FileRights::default()).unwrap();
    }

    #[test]
    fn what_is_no_socket_stays() {
        let (_folder, path) = place();
        fs::write(&path, "precious").unwrap();
        assert_eq!(fault(&path), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[test]
    fn the_file_that_took_the_place_of_ours_stays() {
        let (_folder, path) = place();
        let (_socket, file) = bind(&path, &FileRights::default()).unwrap();
        fs::write(path.with_extension("new"), "another's").unwrap();
        fs::rename(path.with_extension("new"), &path).unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"another's");
    }

    #[test]
    fn a_group_that_is_not_there_is_named_and_nothing_is_left() {
        let (_folder, path) = place();
        let rights = FileRights { mode: 0o660, group: Some("no-such-group".into()) };
        assert!(bind(&path, &rights).unwrap_err().to_string().contains("`no-such-group`"));
        assert!(!path.exists());
    }
}
