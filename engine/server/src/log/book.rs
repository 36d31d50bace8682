//! The file of the log: written, turned when its day or its size is full, opened anew, old ones taken away.
//!
//! Never: loses its hold. The folder stays open, so that files are turned in it after the process has given up its
//! rights and changed its root folder; where something fails, the file that is there is written on.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::civil::Date;
use nix::{
    dir::Dir,
    errno::Errno,
    fcntl::{OFlag, open, openat, renameat},
    sys::stat::Mode,
    unistd::{UnlinkatFlags, unlinkat},
};

use super::{
    moment::{Zone, until},
    old::Old,
};
use crate::config::{Rotate, Turning};

/// How long to leave it alone when the file cannot be turned.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest sleep of a writer that waits for midnight: clocks are set.
const NAP: Duration = Duration::from_secs(600);

/// The file of the log.
pub(super) struct Book {
    /// The folder, absolute.
    place: PathBuf,
    folder: OwnedFd,
    name: String,
    turning: Turning,
    zone: Zone,
    page: Page,
    /// Not before then, after a failure.
    again: Option<SystemTime>,
}

/// What is open.
struct Page {
    file: File,
    /// Whether it can be turned at all: a pipe or a device cannot.
    turns: bool,
    size: u64,
    day: Date,
    /// The end of its day.
    until: SystemTime,
}

impl Book {
    /// Opens a file, and makes it and its folder when they are missing.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub(super) fn open(path: &Path, turning: Turning, zone: Zone) -> io::Result<Book> {
        let path = std::path::absolute(path)?;
        let (Some(place), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Err(io::ErrorKind::IsADirectory.into());
        };
        std::fs::create_dir_all(place)?;
        let folder = open_folder(place)?;
        let page = Page::open(&folder, name, &zone)?;
        Ok(Book { place: place.to_path_buf(), folder, name: name.to_string(), turning, zone, page, again: None })
    }

    /// How many octets of further lines belong into the present file.
    pub(super) fn room(&self) -> usize {
        match self.turning.rotate {
            Rotate::Size(most) if self.page.turns => {
                usize::try_from(most.saturating_sub(self.page.size)).unwrap_or(usize::MAX)
            }
            _ => usize::MAX,
        }
    }

    /// Writes lines; gives how many octets were written, and, where the disk is full or broken, why not all of
    /// them.
    pub(super) fn write(&mut self, lines: &[u8]) -> (usize, io::Result<()>) {
        let mut written = 0;
        while written < lines.len() {
            match self.page.file.write(&lines[written..]) {
                Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
                Ok(more) => {
                    written += more;
                    self.page.size += more as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (written, Err(error)),
            }
        }
        (written, Ok(()))
    }

    /// Turns the file when it is time: its day is over, or the next line does not fit.
    ///
    /// # Errors
    /// It could not be turned: it is written on, and this is not tried again for a minute.
    pub(super) fn turn_if_full(&mut self, next: usize, now: SystemTime) -> io::Result<()> {
        let over = match self.turning.rotate {
            Rotate::Never => false,
            Rotate::Daily => now >= self.page.until,
            Rotate::Size(most) => self.page.size > 0 && self.page.size + next as u64 > most,
        };
        if !over || !self.page.turns || self.again.is_some_and(|again| now < again) {
            return Ok(());
        }
        if self.page.size == 0 {
            self.page.begin_day(&self.zone, now);
            return Ok(());
        }
        self.again = None;
        let turned = self.turn(now);
        if turned.is_err() {
            self.again = Some(now + AGAIN);
        }
        turned
    }

    fn turn(&mut self, now: SystemTime) -> io::Result<()> {
        let stamp = match self.turning.rotate {
            Rotate::Size(_) => self.zone.second(now),
            Rotate::Daily | Rotate::Never => self.page.day.to_string(),
        };
        let mut there = self.old()?;
        let old = Old::new(stamp, &there);
        let (name, aside) = (self.name.as_str(), old.name(&self.name));
        match renameat(&self.folder, name, &self.folder, aside.as_str()) {
            // Somebody moved it away already.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(error) => return Err(error.into()),
        }
        match Page::open(&self.folder, name, &self.zone) {
            Ok(page) => self.page = page,
            Err(error) => {
                // The old one is still open and goes on; under its own name, if that can be had.
                let _ = renameat(&self.folder, aside.as_str(), &self.folder, name);
                return Err(error);
            }
        }
        self.page.begin_day(&self.zone, now);
        there.push(old);
        self.take_away(there)
    }

    fn take_away(&self, mut there: Vec<Old>) -> io::Result<()> {
        there.sort_unstable();
        let surplus = there.len().saturating_sub(self.turning.keep);
        for old in &there[..surplus] {
            match unlinkat(&self.folder, old.name(&self.name).as_str(), UnlinkatFlags::NoRemoveDir) {
                Ok(()) | Err(Errno::ENOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The old files that are there.
    fn old(&self) -> io::Result<Vec<Old>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut folder = Dir::openat(&self.folder, ".", flags, Mode::empty())?;
        let mut there = Vec::new();
        for entry in folder.iter() {
            there.extend(entry?.file_name().to_str().ok().and_then(|name| Old::read(&self.name, name)));
        }
        Ok(there)
    }

    /// Opens the file anew, because somebody moved it away; its folder, too, where its path still leads there.
    ///
    /// # Errors
    /// It cannot be opened: the one that is open is written on.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        let folder = open_folder(&self.place).ok();
        self.page = Page::open(folder.as_ref().unwrap_or(&self.folder), &self.name, &self.zone)?;
        if let Some(folder) = folder {
            self.folder = folder;
        }
        self.again = None;
        Ok(())
    }

    /// How long there is nothing to do for it when no line comes.
    pub(super) fn patience(&self, now: SystemTime) -> Duration {
        match self.turning.rotate {
            Rotate::Daily if self.page.turns => until(self.page.until, now).clamp(Duration::from_millis(1), NAP),
            _ => NAP,
        }
    }
}

impl Page {
    fn open(folder: &OwnedFd, name: &str, zone: &Zone) -> io::Result<Page> {
        let flags = OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_CREAT | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let mode = Mode::from_bits_truncate(0o640);
        let file = File::from(openat(folder, name, flags, mode)?);
        let metadata = file.metadata()?;
        // A file of an earlier run belongs to the day of its last line.
        let since = if metadata.len() > 0 { metadata.modified()? } else { SystemTime::now() };
        let day = zone.day(since);
        Ok(Page { turns: metadata.is_file(), size: metadata.len(), file, day, until: zone.end_of(day) })
    }

    fn begin_day(&mut self, zone: &Zone, now: SystemTime) {
        self.day = zone.day(now);
        self.until = zone.end_of(self.day);
    }
}

fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(open(path, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::PermissionsExt,
        time::{SystemTime, UNIX_EPOCH},
    };

    use tempfile::TempDir;

    use super::*;

    /// 2026-11-21 22:30 in Berlin.
    const EVENING: u64 = 1_795_296_600;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn book(folder: &TempDir, rotate: Rotate, keep: usize) -> Book {
        let path = folder.path().join("logs/s.log");
        Book::open(&path, Turning { rotate, keep }, Zone::named("Europe/Berlin")).unwrap()
    }

    fn say(book: &mut Book, line: &str, now: SystemTime) {
        book.turn_if_full(line.len(), now).unwrap();
        book.write(line.as_bytes()).1.unwrap();
    }

    /// All files with what is in them, by name.
    fn check(folder: &TempDir, expected: &[(&str, &str)]) {
        let mut found: Vec<(String, String)> = fs::read_dir(folder.path().join("logs"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        found.sort();
        let found: Vec<(&str, &str)> = found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(found, expected);
    }

    fn written_at(folder: &TempDir, time: SystemTime) {
        let file = fs::File::options().append(true).open(folder.path().join("logs/s.log")).unwrap();
        file.set_modified(time).unwrap();
    }

    #[test]
    fn a_day_ends_at_local_midnight_and_a_restart_keeps_the_day() {
        let folder = TempDir::new().unwrap();
        let mut first = book(&folder, Rotate::Daily, 2);
        say(&mut first, "a\n", at(EVENING));
        written_at(&folder, at(EVENING));
        drop(first);
        let mut second = book(&folder, Rotate::Daily, 2);
        assert_eq!(second.patience(at(EVENING + 5395)), Duration::from_secs(5));
        say(&mut second, "b\n", at(EVENING + 5399));
        check(&folder, &[("s.log", "a\nb\n")]);
        say(&mut second, "c\n", at(EVENING + 5400));
        check(&folder, &[("s.log", "c\n"), ("s.log.2026-11-21", "a\nb\n")]);
        written_at(&folder, at(EVENING + 5400));
        // It was off for days: the file belongs to the day of its last line.
        drop(second);
        let mut third = book(&folder, Rotate::Daily, 2);
        third.turn_if_full(0, at(EVENING + 3 * 86_400)).unwrap();
        check(&folder, &[("s.log", ""), ("s.log.2026-11-21", "a\nb\n"), ("s.log.2026-11-22", "c\n")]);
        // An empty file is not worth an old one.
        third.turn_if_full(0, at(EVENING + 5 * 86_400)).unwrap();
        say(&mut third, "d\n", at(EVENING + 5 * 86_400));
        say(&mut third, "e\n", at(EVENING + 6 * 86_400));
        check(&folder, &[("s.log", "e\n"), ("s.log.2026-11-22", "c\n"), ("s.log.2026-11-26", "d\n")]);
    }

    #[test]
    fn by_size_no_file_is_longer_and_only_so_many_stay() {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        fs::write(folder.path().join("logs/s.log.gz"), "not ours").unwrap();
        for (second, line) in ["aaaa\n", "bbbb\n", "cccc\n", "dddd\n", "a line longer than that\n"].iter().enumerate() {
            // A restart before every line changes nothing.
            let mut book = book(&folder, Rotate::Size(8), 3);
            say(&mut book, line, at(EVENING + second as u64 / 2));
        }
        check(
            &folder,
            &[
                ("s.log", "a line longer than that\n"),
                ("s.log.2026-11-21T22-30-01", "bbbb\n"),
                ("s.log.2026-11-21T22-30-01.2", "cccc\n"),
                ("s.log.2026-11-21T22-30-02", "dddd\n"),
                ("s.log.gz", "not ours"),
            ],
        );
    }

    #[test]
    fn it_is_opened_anew_where_it_was_moved_away() {
        let folder = TempDir::new().unwrap();
        let logs = folder.path().join("logs");
        let mut book = book(&folder, Rotate::Never, 1);
        say(&mut book, "a\n", at(EVENING));
        fs::rename(logs.join("s.log"), logs.join("s.log.1")).unwrap();
        say(&mut book, "b\n", at(EVENING));
        book.reopen().unwrap();
        say(&mut book, "c\n", at(EVENING));
        check(&folder, &[("s.log", "c\n"), ("s.log.1", "a\nb\n")]);
        let mode = fs::metadata(logs.join("s.log")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
        // The folder went away with it.
        fs::rename(&logs, folder.path().join("old")).unwrap();
        fs::create_dir(&logs).unwrap();
        book.reopen().unwrap();
        say(&mut book, "d\n", at(EVENING));
        check(&folder, &[("s.log", "d\n")]);
    }

    #[test]
    fn its_folder_is_held_whatever_the_path_means_by_now() {
        let folder = TempDir::new().unwrap();
        let mut book = book(&folder, Rotate::Size(4), 3);
        say(&mut book, "a\n", at(EVENING));
        fs::rename(folder.path().join("logs"), folder.path().join("elsewhere")).unwrap();
        say(&mut book, "bbb\n", at(EVENING));
        fs::rename(folder.path().join("elsewhere"), folder.path().join("logs")).unwrap();
        check(&folder, &[("s.log", "bbb\n"), ("s.log.2026-11-21T22-30-00", "a\n")]);
    }

    #[test]
    fn a_file_that_cannot_be_turned_is_written_on_and_tried_again_later() {
        let folder = TempDir::new().unwrap();
        let mut book = book(&folder, Rotate::Size(4), 3);
        say(&mut book, "aaa\n", at(EVENING));
        fs::remove_dir_all(folder.path().join("logs")).unwrap();
        assert!(book.turn_if_full(1, at(EVENING)).is_err());
        book.write(b"b\n").1.unwrap();
        book.turn_if_full(1, at(EVENING + 59)).unwrap();
        assert!(book.turn_if_full(1, at(EVENING + 60)).is_err());
    }
}
