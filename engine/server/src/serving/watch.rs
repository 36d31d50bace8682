//! What a listener and its sessions are notified of: the phase of the server's life, and the version in service.
//!
//! Never: changes either.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    endpoint::Endpoint,
    serving::version::{ListenerSettings, Phase, Shared, Version},
};

/// What a listener and its sessions hear of the server.
#[derive(Clone)]
pub struct ServerWatch {
    /// Where the server is in its life.
    pub(crate) phase: watch::Receiver<Phase>,
    /// The version in service.
    pub(crate) version: watch::Receiver<Arc<Version>>,
    /// Where they came in.
    pub(crate) endpoint: Endpoint,
}

impl ServerWatch {
    /// What is behind the endpoint in the version in service; none when it has no such listener.
    pub(crate) fn inside(&self) -> Option<(Arc<Shared>, Arc<ListenerSettings>)> {
        let version = self.version.borrow();
        let listener_settings = version.listeners.get(&self.endpoint)?;
        Some((version.shared.clone(), listener_settings.clone()))
    }
}
