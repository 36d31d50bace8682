//! Every family: its name, its kind, its labels, what it counts.
//!
//! Never: has a name that breaks the conventions: a unit at its end, `_total` behind what only grows.

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, and begins at 0 with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were not greater than each bound.
    Histogram,
}

impl Kind {
    /// As the format has it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// One family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The names of its labels, parted by blanks.
    pub labels: &'static str,
    /// What it counts.
    pub about: &'static str,
}

macro_rules! families {
    ($($constant:ident $kind:ident $name:literal [$labels:literal] $about:literal)*) => {
        $(pub(crate) const $constant: Family =
            Family { name: $name, kind: Kind::$kind, labels: $labels, about: $about };)*

        /// All of them, in the order of the page.
        pub const FAMILIES: &[Family] = &[$($constant),*];
    };
}

families! {
    OPEN Gauge "saywhen_sessions_open" ["listener protocol state"] "Sessions that there are, by the state they are in."
    SESSIONS Counter "saywhen_sessions_total" ["listener protocol"] "Sessions that began."
    ACCEPTED Counter "saywhen_connections_accepted_total" ["listener"] "Connections that were accepted."
    REFUSED Counter "saywhen_connections_refused_total" ["listener reason"] "Connections that found no place, by the key below `limits` that said so."
    TRANSITIONS Counter "saywhen_transitions_total" ["listener protocol from to"] "Changes of state. None of protocols of more than 256 states."
    COMMANDS Counter "saywhen_commands_total" ["listener protocol state command"] "Lines that a command of the state took; `none` where it begins with no word."
    LINES Counter "saywhen_lines_refused_total" ["listener protocol reason"] "Lines that no command took: bad_arguments, out_of_order, unknown_command, too_long, foreign."
    REPLIES Counter "saywhen_replies_total" ["listener protocol code"] "Final answers, by their code or first word; `none` where they have neither. Lines before the final one are not counted."
    CALLS Counter "saywhen_calls_total" ["protocol action outcome"] "Calls of actions, statements and clients, by what came of them; `late` where the session waited no longer, `abandoned` where it ended."
    CALL_SECONDS Histogram "saywhen_call_seconds" ["protocol action"] "How long calls took that were answered."
    HANDSHAKES Counter "saywhen_tls_handshakes_total" ["listener protocol version"] "Handshakes that were done, by the version of TLS."
    HANDSHAKES_FAILED Counter "saywhen_tls_handshakes_failed_total" ["listener"] "Handshakes that were not."
    CLEARTEXT Counter "saywhen_tls_cleartext_dropped_bytes_total" [""] "Octets sent in the clear behind an upgrade, and thrown away."
    FAULTS Counter "saywhen_faults_total" [""] "Sessions that a fault of this program ended."
    EXPIRY Gauge "saywhen_certificate_expiry_timestamp_seconds" ["listener"] "When the certificate in use ends; less `time()`, how long it still lasts."
    DOUBTS Gauge "saywhen_certificate_refused" ["listener reason"] "Whether clients that verify refuse the certificate in use, 1 or 0: ended, not_begun, other_names (than `server_name`)."
    VERSION Gauge "saywhen_version_in_service" [""] "The number of the version in service: 1 at the start, one more with each reload."
    RELOADS Counter "saywhen_reloads_total" ["result"] "Reloads: accepted, partly (something needs a restart), refused (nothing changed)."
    RELOAD_SECONDS Gauge "saywhen_reload_last_duration_seconds" [""] "How long the latest reload took; absent before the first."
    RELOAD_AT Gauge "saywhen_reload_last_timestamp_seconds" [""] "When the latest reload ended; absent before the first."
    RELOAD_DONE Gauge "saywhen_reload_last_successful" [""] "Whether the latest reload was put in service: 1 or 0."
    LOG_DROPPED Counter "saywhen_log_lines_dropped_total" [""] "Lines of the log that were lost because the disk was too slow or too full."
    BUILD Gauge "saywhen_build_info" ["version"] "Always 1; the version of the program."
    UPTIME Gauge "saywhen_uptime_seconds" [""] "How long it has served."
    DESCRIPTORS Gauge "process_open_fds" [""] "Open file descriptors."
    RESIDENT Gauge "process_resident_memory_bytes" [""] "Resident memory."
}
