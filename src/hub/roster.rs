//! A list of connections: eight bytes each. Numbers of connections rise, so new ones go to its end, and
//! one that leaves is found by halving.

use super::connection::Connection;
use std::sync::Arc;

/// Connections in the order of their numbers.
#[derive(Default)]
pub struct Roster(Vec<Arc<Connection>>);

impl Roster {
    /// False if it is in here already.
    pub fn add(&mut self, connection: &Arc<Connection>) -> bool {
        let Err(at) = self.find(connection) else { return false };
        if self.0.capacity() == 0 {
            // Most tables have two phones.
            self.0.reserve_exact(2);
        }
        self.0.insert(at, Arc::clone(connection));
        true
    }

    /// False if it is not in here.
    pub fn remove(&mut self, connection: &Connection) -> bool {
        let Ok(at) = self.find(connection) else { return false };
        self.0.remove(at);
        if self.0.len() < self.0.capacity() / 4 {
            self.0.shrink_to(self.0.len() * 2);
        }
        true
    }

    fn find(&self, connection: &Connection) -> Result<usize, usize> {
        self.0.binary_search_by_key(&connection.id(), |held| held.id())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.0.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Actor;

    #[test]
    fn connections_are_in_once_and_leave_in_any_order() {
        let connections: Vec<_> = (0..100).map(|id| Arc::new(Connection::new(id * 7 % 100, &Actor::System))).collect();
        let mut roster = Roster::default();
        assert!(connections.iter().all(|connection| roster.add(connection)));
        assert!(!roster.add(&connections[3]), "it is in already");
        assert!(roster.iter().map(|connection| connection.id()).eq(0..100));
        for (left, connection) in connections.iter().rev().enumerate() {
            assert!(roster.remove(connection));
            assert!(!roster.remove(connection), "it has left");
            assert_eq!(roster.len(), 99 - left);
        }
        assert!(roster.is_empty());
    }
}
