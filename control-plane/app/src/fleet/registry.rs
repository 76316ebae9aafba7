//! The services there are.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Service;
use crate::publish::Published;

/// The services there are, each with its settings and its sessions.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    services: RwLock<BTreeMap<String, Arc<Service>>>,
}

impl Registry {
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Service>> {
        self.services
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Service>> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        services.values().cloned().collect()
    }

    /// Gives the newest settings to everybody, and wakes whoever waits. An
    /// older version than the one that is out changes nothing.
    pub(crate) fn publish(&self, published: Published) {
        let name = published.snapshot.service.clone();
        let mut services = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let service = services
            .entry(name)
            .or_insert_with_key(|name| Arc::new(Service::new(name)));
        service.publish(published);
    }

    /// Ends all sessions of a service that is no more.
    pub(crate) fn remove(&self, name: &str) {
        let removed = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
        if let Some(service) = removed {
            service.close();
        }
    }
}
