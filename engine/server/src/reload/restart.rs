//! What a configuration says that only a restart takes up.
//!
//! Never: is silent about a change that has no effect.

use crate::config::Config;

/// The keys that were changed and keep their former values, each with why.
pub(super) fn keys(begun: &Config, new: &Config) -> Vec<String> {
    let changes = [
        (begun.spool.directory != new.spool.directory, "`spool.directory` holds what sessions wait for"),
        (begun.log != new.log, "`log` is opened at the start"),
        (begun.limits.connections != new.limits.connections, "`limits.connections` is counted from the start"),
        (begun.limits.memory != new.limits.memory, "`limits.memory` is counted from the start"),
        (
            begun.limits.connections_per_minute != new.limits.connections_per_minute,
            "`limits.connections_per_minute` is counted from the start",
        ),
        (begun.limits.per_address != new.limits.per_address, "`limits.per_address` is counted from the start"),
        (begun.run_as != new.run_as, "`run_as` names whom the server went on as at the start"),
        (begun.pid_file != new.pid_file, "`pid_file` is locked at the start"),
        (begun.control != new.control, "`control` is opened at the start"),
        (begun.metrics != new.metrics, "`metrics` is bound at the start"),
        (begun.shutdown_grace != new.shutdown_grace, "`shutdown_grace` is set at the start"),
    ];
    changes.into_iter().filter(|(changed, _)| *changed).map(|(_, line)| line.to_string()).collect()
}

/// Gives those keys their former values.
pub(super) fn keep(begun: &Config, new: &mut Config) {
    new.spool.directory.clone_from(&begun.spool.directory);
    new.log.clone_from(&begun.log);
    new.limits.connections = begun.limits.connections;
    new.limits.memory = begun.limits.memory;
    new.limits.connections_per_minute = begun.limits.connections_per_minute;
    new.limits.per_address = begun.limits.per_address;
    new.run_as.clone_from(&begun.run_as);
    new.pid_file.clone_from(&begun.pid_file);
    new.control.clone_from(&begun.control);
    new.metrics = begun.metrics;
    new.shutdown_grace = begun.shutdown_grace;
}
