//! The payloads of one session: in memory up to a set size, then in files that have no name.
//!
//! Files are written where the effects arise, in pieces of the set size, through `block_in_place`: the order of the
//! effects is kept without a queue, the runtime moves its other tasks to another thread meanwhile, and a slow disk
//! slows down the one session that fills it.
//!
//! Never: outlives its session, leaves a file behind, or keeps more than the set size in memory by more than one read.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    hash::{BuildHasherDefault, Hasher},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::runtime::{Handle, RuntimeFlavor};

use actions::{
    LENT, Payload, Payloads,
    world::{Ceiling, Room},
};
use program::{PayloadId, SessionId, Words};

use crate::spool::descriptors::{Files, Right};

/// Where payloads wait.
#[derive(Debug, Clone)]
pub struct SpoolPlace {
    /// The folder for files; made when it is first needed.
    pub directory: PathBuf,
    /// The most octets that one session keeps in memory.
    pub memory: u64,
    /// How much memory there is for all sessions. Without it a payload goes into a file at once.
    pub ceiling: Arc<Ceiling>,
    /// How many files there may be for all sessions. Without one a payload that needs it is not kept.
    pub files: Arc<Files>,
}

/// The payloads of one session.
pub struct Spool {
    place: Arc<SpoolPlace>,
    session: SessionId,
    most_read: AtomicU64,
    shelf: Mutex<Shelf>,
}

/// Payloads by their numbers, which are ours: nobody can choose them so that they clash.
type Numbered = HashMap<PayloadId, Kept, BuildHasherDefault<Spread>>;

/// Spreads small numbers (Knuth's multiplicative hashing).
#[derive(Default)]
struct Spread(u64);

/// What is kept, and the memory that is counted for it.
struct Shelf {
    kept: Numbered,
    room: Room,
    /// Buffers of discarded payloads, kept for reuse. Two, because one payload may arrive while another waits to be joined.
    /// They are included in the memory that each session is counted with.
    spare: [Octets; 2],
    /// What the session was told last.
    told: Option<Words>,
}

/// One payload: what is in the file comes first, then what is in memory.
#[derive(Default)]
struct Kept {
    file: Option<(Arc<File>, u64)>,
    /// The right to that file.
    right: Option<Right>,
    memory: Octets,
    broken: Option<Arc<str>>,
    /// It is somebody else's: its octets are elsewhere and are never changed.
    lent: Option<Payload>,
    /// So many octets behind were not kept: nobody reads them.
    unkept: u64,
}

/// Octets in memory, which readers may share.
#[derive(Default)]
struct Octets(Option<Arc<Vec<u8>>>);

/// The initial capacity of a payload buffer, in octets.
const LEAST: usize = 2048;
/// How many files that are not of the spool one session has open at once: messages that are fetched.
const LENT_FILES: usize = 64;
/// The most octets that a spare one may have memory for.
const SPARE: usize = 4096;

impl Spool {
    /// The empty spool of a session that reads so many octets of each payload at the most; what is behind them is not kept.
    pub fn new(place: Arc<SpoolPlace>, session: SessionId, most_read: u64) -> Spool {
        let shelf = Mutex::new(Shelf {
            kept: Numbered::default(),
            room: place.ceiling.room(),
            spare: Default::default(),
            told: None,
        });
        Spool { place, session, most_read: AtomicU64::new(most_read), shelf }
    }

    /// Where the memory is counted that its session takes.
    pub fn ceiling(&self) -> &Arc<Ceiling> {
        &self.place.ceiling
    }

    /// So many octets of each payload are read from now on.
    pub fn is_read(&self, most: u64) {
        self.most_read.store(most, Ordering::Relaxed);
    }

    /// A payload begins.
    pub fn begin(&self, id: PayloadId) {
        let mut shelf = self.lock();
        let memory = shelf.spare.iter_mut().find(|spare| spare.0.is_some()).map(std::mem::take).unwrap_or_default();
        shelf.kept.insert(id, Kept { memory, ..Kept::default() });
    }

    /// More of it.
    pub fn chunk(&self, id: PayloadId, octets: &[u8]) {
        let mut shelf = self.lock();
        let octets = match shelf.kept.get_mut(&id) {
            Some(payload) => payload.wanted(octets, self.most_read.load(Ordering::Relaxed)),
            None => octets,
        };
        if octets.is_empty() {
            return;
        }
        let growth = shelf.kept.get(&id).map_or(0, |payload| payload.memory.growth(octets.len()));
        let wanted = reserved(&shelf.kept) + growth;
        if growth > 0 && !shelf.room.resize(wanted) {
            self.shrink(&mut shelf.kept, 0);
        }
        if let Some(payload) = shelf.kept.get_mut(&id).filter(|payload| payload.broken.is_none()) {
            payload.memory.open().extend_from_slice(octets);
        }
        self.relieve(&mut shelf);
    }

    /// It is whole.
    ///
    /// # Errors
    /// Why it could not be kept.
    pub fn end(&self, id: PayloadId) -> Result<(), Arc<str>> {
        let mut shelf = self.lock();
        let payload = shelf.kept.entry(id).or_default();
        if payload.file.is_some() {
            self.write_out(id, payload);
        }
        payload.broken.clone().map_or(Ok(()), Err)
    }

    /// Appends the second to the first and forgets the second. A failure shows when the first is read.
    pub fn join(&self, first: PayloadId, second: PayloadId) {
        let mut shelf = self.lock();
        let Some(mut tail) = shelf.kept.remove(&second) else { return };
        self.own(second, &mut tail);
        let head = shelf.kept.entry(first).or_default();
        self.own(first, head);
        if head.unkept > 0 && tail.broken.is_none() {
            head.unkept += tail.length();
            return;
        }
        head.unkept = tail.unkept;
        head.broken = head.broken.take().or(tail.broken.clone());
        if let Some((file, length)) = &tail.file
            && head.broken.is_none()
        {
            self.write_out(first, head);
            if let Some((into, end)) = &mut head.file
                && let Err(error) = blocking(|| copy(file, *length, into, *end))
            {
                head.fail(&error);
            } else if let Some((_, end)) = &mut head.file {
                *end += length;
            }
        }
        if head.broken.is_none() {
            head.memory.open().extend_from_slice(tail.memory.as_slice());
            if head.file.is_some() {
                self.write_out(first, head);
            }
        }
        shelf.spare(tail.memory);
        self.relieve(&mut shelf);
    }

    /// A new payload that has what another one has now. The octets are shared until one of the two is added to.
    pub fn copy(&self, copy: PayloadId, of: PayloadId) {
        let mut shelf = self.lock();
        let Some(payload) = shelf.kept.get_mut(&of) else { return };
        let lent = match (&payload.lent, &payload.broken, &payload.file) {
            (Some(lent), ..) => lent.clone(),
            (None, Some(why), _) => Payload::Broken(Arc::clone(why)),
            (None, None, Some((file, length))) => Payload::File { file: Arc::clone(file), length: *length },
            (None, None, None) => Payload::Memory(payload.memory.shared()),
        };
        let unkept = payload.unkept;
        shelf.kept.insert(copy, Kept { lent: Some(lent), unkept, ..Kept::default() });
    }

    /// Copies what was lent, so that it can be added to.
    fn own(&self, id: PayloadId, payload: &mut Kept) {
        let Some(lent) = payload.lent.take() else { return };
        payload.right = None;
        let mut position = 0;
        while payload.broken.is_none() {
            let mut piece = Vec::new();
            match blocking(|| lent.piece(position, &mut piece)) {
                Ok(()) if piece.is_empty() => break,
                Ok(()) => {
                    position += piece.len() as u64;
                    payload.memory.open().extend_from_slice(&piece);
                }
                Err(why) => *payload = Kept { broken: Some(why.into()), ..Kept::default() },
            }
            if payload.memory.length() > self.place.memory {
                self.write_out(id, payload);
            }
        }
        if payload.file.is_some() && payload.broken.is_none() {
            self.write_out(id, payload);
        }
    }

    /// The session was told this: it is written anew once nobody else holds it.
    pub fn told(&self, text: &Words) {
        self.lock().told = Some(text.clone());
    }

    /// Nobody will ask for it again.
    pub fn discard(&self, id: PayloadId) {
        let mut shelf = self.lock();
        if let Some(payload) = shelf.kept.remove(&id) {
            shelf.spare(payload.memory);
        }
        self.relieve(&mut shelf);
    }

    /// Moves the largest payloads into files until the rest fits into memory: what one session may have, and what there
    /// is left for all.
    fn relieve(&self, shelf: &mut Shelf) {
        self.shrink(&mut shelf.kept, self.place.memory);
        if !shelf.room.resize(reserved(&shelf.kept)) {
            self.shrink(&mut shelf.kept, 0);
            // What cannot be shrunk any more is payloads that are broken, or nothing: there is room for nothing.
            shelf.room.resize(reserved(&shelf.kept));
        }
    }

    fn shrink(&self, kept: &mut Numbered, most: u64) {
        let mut total: u64 = kept.values().map(|payload| payload.memory.length()).sum();
        while total > most {
            let Some((id, payload)) = kept.iter_mut().max_by_key(|(_, payload)| payload.memory.length()) else { break };
            total -= payload.memory.length();
            self.write_out(*id, payload);
        }
    }

    /// Moves what is in memory into the file, which is made if there is none.
    fn write_out(&self, id: PayloadId, payload: &mut Kept) {
        let octets = std::mem::take(&mut payload.memory);
        let written = blocking(|| {
            let (file, end) = match &payload.file {
                Some((file, end)) => (Arc::clone(file), *end),
                None => {
                    payload.right = Some(self.place.files.take()?);
                    (Arc::new(self.nameless(id)?), 0)
                }
            };
            file.write_all_at(octets.as_slice(), end)?;
            Ok((file, end + octets.length()))
        });
        match written {
            Ok(file) => payload.file = Some(file),
            Err(error) => payload.fail(&error),
        }
    }

    /// A new file whose name is gone at once, so that it ends with the process at the latest.
    fn nameless(&self, id: PayloadId) -> io::Result<File> {
        let path = self.place.directory.join(format!("{}-{}-{}", std::process::id(), self.session, id.0));
        let open = || OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.place.directory)?;
                open()?
            }
            opened => opened?,
        };
        fs::remove_file(&path)?;
        Ok(file)
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // A panic between two payloads leaves each of them as it was.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Payloads for Spool {
    fn payload(&self, id: PayloadId) -> Option<Payload> {
        let mut shelf = self.lock();
        let payload = shelf.kept.get_mut(&id)?;
        if let Some(lent) = payload.lent.clone() {
            let length = lent.length() + payload.unkept;
            return Some(if payload.unkept == 0 { lent } else { Payload::Head(Box::new(lent), length) });
        }
        let there = match (&payload.broken, &payload.file) {
            (Some(why), _) => Payload::Broken(Arc::clone(why)),
            (None, Some((file, length))) => Payload::File { file: Arc::clone(file), length: *length },
            (None, None) => Payload::Memory(payload.memory.shared()),
        };
        Some(if payload.unkept > 0 { Payload::Head(Box::new(there), payload.length()) } else { there })
    }

    fn blank(&self) -> Words {
        // The last one is what the session holds yet.
        let told = self.lock().told.take();
        told.and_then(|mut text| text.clear().then_some(text)).unwrap_or_default()
    }

    fn lend(&self, payload: Payload) -> Result<PayloadId, Arc<str>> {
        let mut shelf = self.lock();
        let right = match &payload {
            Payload::File { .. } if shelf.kept.values().filter(|kept| kept.has_lent_file()).count() >= LENT_FILES => {
                return Err(format!("a session has {LENT_FILES} stored files open at the most").into());
            }
            Payload::File { .. } => Some(self.place.files.take().map_err(|error| error.to_string())?),
            _ => None,
        };
        let lent = Kept { lent: Some(payload), right, ..Kept::default() };
        let wanted = reserved(&shelf.kept) + lent.reserved();
        if !shelf.room.resize(wanted) {
            return Err("there is no memory for it: `limits.memory` is reached".into());
        }
        let free = (LENT..u32::MAX).map(PayloadId).find(|id| !shelf.kept.contains_key(id));
        let id = free.ok_or("there are no more names for payloads")?;
        shelf.kept.insert(id, lent);
        Ok(id)
    }
}

impl Kept {
    /// What of further octets is to be kept.
    fn wanted<'o>(&mut self, octets: &'o [u8], most: u64) -> &'o [u8] {
        // What has gone into a file already goes there whole.
        let room = match &self.file {
            Some(_) if self.unkept == 0 => octets.len(),
            Some(_) => 0,
            None => usize::try_from(most.saturating_sub(self.memory.length())).unwrap_or(usize::MAX),
        };
        let (wanted, behind) = octets.split_at(if self.unkept > 0 { 0 } else { room.min(octets.len()) });
        self.unkept += behind.len() as u64;
        wanted
    }

    /// The memory that it takes, with what is set aside for it to grow.
    fn reserved(&self) -> u64 {
        match &self.lent {
            Some(Payload::Memory(octets)) => octets.capacity() as u64,
            _ => self.memory.reserved(),
        }
    }

    fn has_lent_file(&self) -> bool {
        matches!(self.lent, Some(Payload::File { .. }))
    }

    /// How long the whole was.
    fn length(&self) -> u64 {
        self.file.as_ref().map_or(0, |(_, length)| *length) + self.memory.length() + self.unkept
    }

    fn fail(&mut self, error: &io::Error) {
        *self = Kept { broken: Some(format!("the spool cannot keep it: {error}").into()), ..Kept::default() };
    }
}

/// The memory that payloads take, with what is set aside for them to grow.
fn reserved(kept: &Numbered) -> u64 {
    kept.values().map(Kept::reserved).sum()
}

impl Shelf {
    /// Keeps the memory of a payload that is gone, if it is little and nobody reads it any more.
    fn spare(&mut self, mut left: Octets) {
        let Some(place) = self.spare.iter_mut().find(|spare| spare.0.is_none()) else { return };
        if let Some(octets) = left.0.as_mut().and_then(Arc::get_mut).filter(|octets| octets.capacity() <= SPARE) {
            octets.clear();
            *place = left;
        }
    }
}

impl Octets {
    fn reserved(&self) -> u64 {
        self.0.as_ref().map_or(0, |octets| octets.capacity() as u64)
    }

    /// What it takes for a moment to hold so many more: a larger buffer stands beside the present one while it is filled.
    fn growth(&self, more: usize) -> u64 {
        let wanted = self.length() + more as u64;
        if wanted <= self.reserved() { 0 } else { wanted.max(2 * self.reserved()).max(LEAST as u64) }
    }

    fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |octets| octets.as_slice())
    }

    fn length(&self) -> u64 {
        self.as_slice().len() as u64
    }

    /// To be written on, without a copy unless somebody reads it.
    fn open(&mut self) -> &mut Vec<u8> {
        Arc::make_mut(self.0.get_or_insert_with(|| Arc::new(Vec::with_capacity(LEAST))))
    }

    /// For somebody who reads it.
    fn shared(&mut self) -> Arc<Vec<u8>> {
        self.0.get_or_insert_default().clone()
    }
}

impl Hasher for Spread {
    fn write(&mut self, octets: &[u8]) {
        octets.iter().for_each(|octet| self.write_u32((*octet).into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Appends what a payload has at a position; nothing is appended at its end.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn piece(payload: &Payload, position: u64, out: &mut Vec<u8>) -> Result<(), String> {
    blocking(|| payload.piece(position, out))
}

/// Runs what may wait for the disk, with the other tasks of this thread moved away.
fn blocking<T>(job: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(job),
        _ => job(),
    }
}

fn copy(from: &File, length: u64, into: &File, mut end: u64) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut position = 0;
    while position < length {
        let piece = (length - position).min(buffer.len() as u64) as usize;
        from.read_exact_at(&mut buffer[..piece], position)?;
        into.write_all_at(&buffer[..piece], end)?;
        position += piece as u64;
        end += piece as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(name: &str, memory: u64) -> Spool {
        let ceiling = Arc::new(Ceiling::none());
        let directory = std::env::temp_dir().join(format!("saywhen-spool-{}-{name}", std::process::id()));
        let files = Arc::new(Files::new(100));
        Spool::new(Arc::new(SpoolPlace { directory, memory, ceiling, files }), SessionId("s".into()), u64::MAX)
    }

    fn keep(spool: &Spool, id: u32, octets: &[u8]) -> Result<(), Arc<str>> {
        spool.begin(PayloadId(id));
        octets.chunks(7).for_each(|chunk| spool.chunk(PayloadId(id), chunk));
        spool.end(PayloadId(id))
    }

    fn check(spool: &Spool, id: u32, octets: &[u8], in_file: bool) {
        let payload = spool.payload(PayloadId(id)).expect("it is kept");
        let mut read = Vec::new();
        payload
            .read(u64::MAX, |piece| {
                read.extend_from_slice(piece);
                Ok(())
            })
            .expect("it can be read");
        assert!(read == octets, "{} octets for {}", read.len(), octets.len());
        assert_eq!(payload.length(), octets.len() as u64);
        assert_eq!(matches!(payload, Payload::File { .. }), in_file);
    }

    fn octets(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 31 % 251) as u8).collect()
    }

    #[test]
    fn what_fits_stays_in_memory_and_the_rest_goes_into_a_file_without_a_name() {
        let spool = spool("fits", 1000);
        assert_eq!(keep(&spool, 1, &octets(1000)), Ok(()));
        check(&spool, 1, &octets(1000), false);
        assert!(!spool.place.directory.exists());
        spool.discard(PayloadId(1));
        assert_eq!(keep(&spool, 2, &octets(5003)), Ok(()));
        check(&spool, 2, &octets(5003), true);
        assert_eq!(fs::read_dir(&spool.place.directory).unwrap().count(), 0);
        assert_eq!(keep(&spool, 3, b""), Ok(()));
        check(&spool, 3, b"", false);
        fs::remove_dir(&spool.place.directory).unwrap();
    }

    #[test]
    fn a_session_keeps_no_more_in_memory_than_it_may() {
        let spool = spool("bound", 1000);
        for id in 0..20 {
            assert_eq!(keep(&spool, id, &octets(300)), Ok(()));
            let kept = &spool.lock().kept;
            assert!(kept.values().map(|payload| payload.memory.length()).sum::<u64>() <= 1000);
        }
        for id in 0..20 {
            assert_eq!(spool.payload(PayloadId(id)).unwrap().length(), 300);
        }
    }

    #[test]
    fn without_memory_for_all_payloads_go_into_files() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let mut others = ceiling.room();
        let full = SpoolPlace { ceiling: ceiling.clone(), ..SpoolPlace::clone(&spool("full", 1 << 20).place) };
        let spool = Spool::new(Arc::new(full), SessionId("s".into()), u64::MAX);
        assert_eq!(keep(&spool, 1, &octets(1000)), Ok(()));
        check(&spool, 1, &octets(1000), false);
        assert!(others.resize((32 << 20) - ceiling.taken()));
        assert_eq!(keep(&spool, 2, &octets(5000)), Ok(()));
        check(&spool, 2, &octets(5000), true);
        check(&spool, 1, &octets(1000), true);
        drop((spool, others));
        assert_eq!(ceiling.taken(), 0);
    }

    #[test]
    fn what_is_lent_is_counted_by_its_memory_and_by_its_descriptor() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let files = Arc::new(Files::new(LENT_FILES + 10));
        let place = SpoolPlace { ceiling: ceiling.clone(), files, ..SpoolPlace::clone(&spool("lent", 1 << 20).place) };
        let place = Arc::new(place);
        let session = || Spool::new(place.clone(), SessionId("s".into()), u64::MAX);
        let file = || Payload::File { file: Arc::new(File::open("/dev/null").unwrap()), length: 1 };
        let (first, second) = (session(), session());
        let ids: Vec<PayloadId> = (0..LENT_FILES).map(|_| first.lend(file()).unwrap()).collect();
        assert!(first.lend(file()).is_err(), "one session has so many at the most");
        (0..10).for_each(|_| {
            second.lend(file()).unwrap();
        });
        assert!(second.lend(file()).is_err(), "and all of them together no more than there are");
        first.discard(ids[0]);
        assert!(second.lend(file()).is_ok());
        let text = |octets: usize| Payload::Memory(Arc::new(vec![0; octets]));
        assert!(second.lend(text(20 << 20)).is_ok());
        assert!(ceiling.taken() >= 20 << 20);
        assert!(first.lend(text(20 << 20)).is_err());
        drop((first, second));
        assert_eq!(ceiling.taken(), 0);
    }

    #[test]
    fn payloads_are_joined_wherever_they_are() {
        for (first, second) in [(10, 20), (10, 3000), (3000, 10), (3000, 4000), (900, 900), (0, 5), (0, 2000)] {
            let spool = spool("join", 1000);
            let whole = octets(first + second);
            assert_eq!(keep(&spool, 1, &whole[..first]), Ok(()));
            assert_eq!(keep(&spool, 2, &whole[first..]), Ok(()));
            spool.join(PayloadId(1), PayloadId(2));
            check(&spool, 1, &whole, first + second > 1000);
            assert!(spool.payload(PayloadId(2)).is_none());
        }
    }

    #[test]
    fn a_copy_has_its_own_octets() {
        for length in [10, 900, 3000] {
            let spool = spool("copy", 1000);
            let (whole, more) = (octets(length), octets(20));
            assert_eq!(keep(&spool, 1, &whole), Ok(()));
            assert_eq!(keep(&spool, 2, &more), Ok(()));
            spool.copy(PayloadId(3), PayloadId(1));
            spool.copy(PayloadId(4), PayloadId(2));
            spool.join(PayloadId(1), PayloadId(4));
            let read = |id: u32| {
                let mut read = Vec::new();
                let payload = spool.payload(PayloadId(id)).expect("it is kept");
                let piece = |piece: &[u8]| {
                    read.extend_from_slice(piece);
                    Ok(())
                };
                payload.read(u64::MAX, piece).expect("it can be read");
                read
            };
            assert!(read(3) == whole && read(2) == more && read(1) == [whole, more].concat());
        }
    }

    #[test]
    fn what_nobody_reads_is_not_kept_and_its_length_is_known() {
        let spool = spool("head", 1000);
        spool.is_read(500);
        assert_eq!(keep(&spool, 1, &octets(400)), Ok(()));
        check(&spool, 1, &octets(400), false);
        assert_eq!(keep(&spool, 2, &octets(5003)), Ok(()));
        spool.join(PayloadId(1), PayloadId(2));
        spool.join(PayloadId(1), PayloadId(7));
        assert!(!spool.place.directory.exists());
        let payload = spool.payload(PayloadId(1)).expect("it is kept");
        assert_eq!((payload.length(), payload.at_hand().map(<[u8]>::len)), (5403, Some(900)));
        let mut read = 0;
        assert_eq!(
            payload.read(900, |piece| {
                read += piece.len();
                Ok(())
            }),
            Ok(())
        );
        assert_eq!(read, 900);
        assert!(payload.read(u64::MAX, |_| Ok(())).is_err());
    }

    #[test]
    fn a_spool_that_cannot_write_says_why() {
        let spool = Spool::new(
            Arc::new(SpoolPlace {
                directory: "/proc/no/such/folder".into(),
                memory: 10,
                ceiling: Arc::new(Ceiling::none()),
                files: Arc::new(Files::new(1)),
            }),
            SessionId("s".into()),
            u64::MAX,
        );
        let why = keep(&spool, 1, &octets(100)).unwrap_err();
        assert!(why.starts_with("the spool cannot keep it: "), "{why}");
        assert!(matches!(spool.payload(PayloadId(1)), Some(Payload::Broken(_))));
        assert_eq!(keep(&spool, 2, b"small"), Ok(()));
        spool.join(PayloadId(2), PayloadId(1));
        assert!(matches!(spool.payload(PayloadId(2)), Some(Payload::Broken(_))));
    }
}
