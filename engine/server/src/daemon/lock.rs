//! The PID file: locked as long as its server serves, so that a stale one stands in nobody's way.
//!
//! Never: believes the number in a file that nobody has locked.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
    libc::O_NOFOLLOW,
};

use crate::exit::{Exit, Fault};

/// The most octets that are read of a PID file.
const NUMBER_MOST: u64 = 32;

/// A PID file that is locked by this process; it is removed when the lock goes.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: Flock<File>,
}

/// The number of the process that holds the lock of a PID file; none when nobody does.
///
/// # Errors
/// The file cannot be read.
pub fn holder(path: &Path) -> io::Result<Option<i32>> {
    let mut file = match OpenOptions::new().read(true).custom_flags(O_NOFOLLOW).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut number = String::new();
    (&mut file).take(NUMBER_MOST).read_to_string(&mut number)?;
    match Flock::lock(file, FlockArg::LockSharedNonblock) {
        Ok(_) => Ok(None),
        // A server that has locked it and not yet written its number is on its way.
        Err((_, Errno::EWOULDBLOCK)) => Ok(Some(number.trim().parse().unwrap_or(0))),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// That a server runs already, by its number.
pub fn taken(path: &Path, holder: i32) -> Fault {
    let message = format!("a server runs already, process {holder}, says `{}`", path.display());
    Fault::new(Exit::Taken, message, "stop it first, `saywhen stop`, or give this one a `pid_file` of its own")
}

impl Lock {
    /// Makes the file, locks it, and writes the number of this process into it. A file that nobody has locked, after a
    /// crash say, is made anew.
    ///
    /// # Errors
    /// Another process holds it, or it cannot be written.
    pub fn take(path: &Path) -> Result<Lock, Fault> {
        let unwritten = |error: &io::Error| {
            let message = format!("the PID file `{}` cannot be written: {error}", path.display());
            Fault::new(Exit::Denied, message, "mend the rights of its folder, or name another under `pid_file`")
        };
        loop {
            if let Some(holder) = holder(path).map_err(|error| unwritten(&error))? {
                return Err(taken(path, holder));
            }
            // Nobody holds it: what is there is left over, perhaps by another user.
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritten(&error)),
                _ => {}
            }
            let made = OpenOptions::new().write(true).create_new(true).mode(0o644).custom_flags(O_NOFOLLOW).open(path);
            let file = match made {
                // Somebody was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(|error| unwritten(&error))?,
            };
            let Ok(mut file) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else { continue };
            // Between the making and the locking another one may have taken it for left over, and removed it.
            let still = fs::symlink_metadata(path).map(|there| there.ino());
            if still.ok() != file.metadata().map(|own| own.ino()).ok() {
                continue;
            }
            let written = writeln!(file, "{}", std::process::id()).and_then(|()| file.rewind());
            written.map_err(|error| unwritten(&error))?;
            return Ok(Lock { path: path.to_path_buf(), file });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It may be removed only while it is locked. What stays behind stands in nobody's way.
        let _ = self.file.rewind();
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nobody_has_locked_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pid");
        assert_eq!(holder(&path).unwrap(), None);
        fs::write(&path, "1\n").unwrap();
        assert_eq!(holder(&path).unwrap(), None);
        let lock = Lock::take(&path).unwrap();
        let own = std::process::id() as i32;
        assert_eq!(holder(&path).unwrap(), Some(own));
        let refused = Lock::take(&path).unwrap_err();
        assert_eq!(refused.exit, Exit::Taken);
        assert!(refused.message.contains(&own.to_string()), "{}", refused.message);
        drop(lock);
        assert!(!path.exists());
    }
}
