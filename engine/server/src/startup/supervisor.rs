//! What the service manager that started us is told: that we serve, reload, stop (`sd_notify(3)`).
//!
//! The socket is connected once, while its path can still be reached: rights and the root folder change behind that.
//! There is one manager per process, as there is one environment, so this is the one place that holds it.
//!
//! Never: fails or waits. Without a manager, or with one that does not listen, nothing is said.

use std::{
    env,
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
    sync::OnceLock,
};

use nix::time::{ClockId, clock_gettime};

static MANAGER: OnceLock<Option<UnixDatagram>> = OnceLock::new();

/// Connects to the manager that `NOTIFY_SOCKET` names, before anything is given up.
pub fn find() {
    MANAGER.get_or_init(|| connect(&env::var_os("NOTIFY_SOCKET")?).ok());
}

/// We serve: at the start, and again when a reload is through, whatever became of it.
pub fn ready(status: &str) {
    say(&format!("READY=1\n{}", line(status)));
}

/// A reload began.
pub fn reloading() {
    // The manager tells with the clock's reading which of its reloads this is.
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| now.tv_sec() * 1_000_000 + now.tv_nsec() / 1_000);
    say(&format!("RELOADING=1\nMONOTONIC_USEC={now}\nSTATUS=reloading\n"));
}

/// We end.
pub fn stopping(status: &str) {
    say(&format!("STOPPING=1\n{}", line(status)));
}

fn line(status: &str) -> String {
    format!("STATUS={}\n", status.replace('\n', " "))
}

fn say(state: &str) {
    if let Some(Some(manager)) = MANAGER.get() {
        // A manager that is gone or does not read is not our fault to mend.
        let _ = manager.send(state.as_bytes());
    }
}

/// A path, or a name without a file behind `@`.
fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let address = match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_reached_by_path_and_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("saywhen-test-{}", std::process::id());
        let abstract_name = SocketAddr::from_abstract_name(&name).unwrap();
        for (listener, name) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (UnixDatagram::bind_addr(&abstract_name).unwrap(), format!("@{name}").into()),
        ] {
            connect(&name).unwrap().send(b"READY=1\n").unwrap();
            let mut heard = [0; 64];
            let length = listener.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1\n", "{}", name.display());
        }
    }

    #[test]
    fn a_status_is_one_line() {
        assert_eq!(line("one\nREADY=1"), "STATUS=one READY=1\n");
    }
}
