//! The life of a server: open, serve, end.
//!
//! Never: reads a configuration or a protocol; both come in as what they mean.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::timeout};

use crate::{
    endpoint::{Endpoint, ListeningSocket},
    privileges::Unprivileged,
    serving::{
        state::ServerState,
        version::{ListenerSettings, Moves, Shared, Version},
    },
};

/// A server that serves.
pub struct Running {
    server_state: Arc<ServerState>,
}

impl Running {
    /// Serves on bound sockets, each with its listener. Must be called within a runtime. Whoever calls it has given up
    /// the rights of root, or serves this machine alone.
    ///
    /// # Errors
    /// The runtime cannot take a socket.
    pub fn serve(
        shared: Arc<Shared>,
        sockets: Vec<(ListeningSocket, Arc<ListenerSettings>)>,
        _rights: &Unprivileged,
    ) -> io::Result<Running> {
        let mut listeners = BTreeMap::new();
        let mut bound = Vec::new();
        for (socket, listener_settings) in sockets {
            listeners.insert(socket.endpoint().clone(), listener_settings);
            bound.push(socket);
        }
        let server_state = ServerState::new(Version { number: 1, shared, listeners, moves: Moves::default() });
        server_state.open(bound)?;
        Ok(Running { server_state })
    }

    /// What it listens on, in the order that it was opened in.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.server_state.endpoints()
    }

    /// What all connections share that begin now.
    pub fn shared(&self) -> Arc<Shared> {
        self.server_state.present().shared.clone()
    }

    /// The state that survives a reload.
    pub fn server_state(&self) -> &Arc<ServerState> {
        &self.server_state
    }

    /// Stops accepting, lets every session say its protocol's farewell, and waits for them at most that long. Gives
    /// how many sessions were broken off after that.
    pub async fn end(self, grace: Duration) -> usize {
        let mut listeners = self.server_state.end();
        let all = async {
            for listener in &mut listeners {
                // A listener that panicked has no sessions left.
                let _ = listener.await;
            }
        };
        if timeout(grace, all).await.is_ok() {
            return 0;
        }
        let left = self.shared().admission.open();
        // Each listener owns its sessions: they go with it.
        listeners.iter().for_each(JoinHandle::abort);
        left
    }
}
