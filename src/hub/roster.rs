//! A list of connections: eight bytes for each of a few, a little more for each of many. Joining and leaving costs the
//! same in a crowd.

use super::connection::Connection;
use std::collections::HashMap;
use std::sync::Arc;

/// So many are looked through one by one.
const FEW: usize = 16;

/// Connections, each once.
pub enum Roster {
    Few(Vec<Arc<Connection>>),
    /// By their numbers.
    Many(HashMap<u64, Arc<Connection>>),
}

impl Default for Roster {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Roster {
    /// False if it is in here already.
    pub fn add(&mut self, connection: &Arc<Connection>) -> bool {
        match self {
            Self::Few(few) if few.iter().any(|held| held.id() == connection.id()) => false,
            Self::Few(few) if few.len() < FEW => {
                if few.capacity() == few.len() {
                    // Most tables have two phones.
                    few.reserve_exact(few.len().max(2));
                }
                few.push(Arc::clone(connection));
                true
            }
            Self::Few(few) => {
                let mut many: HashMap<_, _> = few.drain(..).map(|held| (held.id(), held)).collect();
                many.insert(connection.id(), Arc::clone(connection));
                *self = Self::Many(many);
                true
            }
            Self::Many(many) => many.insert(connection.id(), Arc::clone(connection)).is_none(),
        }
    }

    /// False if it is not in here.
    pub fn remove(&mut self, connection: &Connection) -> bool {
        match self {
            Self::Few(few) => match few.iter().position(|held| held.id() == connection.id()) {
                Some(at) => {
                    few.swap_remove(at);
                    true
                }
                None => false,
            },
            Self::Many(many) => {
                let was_in = many.remove(&connection.id()).is_some();
                if many.len() < FEW / 2 {
                    *self = Self::Few(many.drain().map(|(_, held)| held).collect());
                }
                was_in
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few.iter()), None),
            Self::Many(many) => (None, Some(many.values())),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => many.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Actor;

    #[test]
    fn connections_are_in_once_and_leave_in_any_order_few_or_many() {
        for count in [3, 16, 17, 100] {
            let all: Vec<_> = (0..count).map(|id| Arc::new(Connection::new(id * 7, &Actor::System))).collect();
            let mut roster = Roster::default();
            assert!(all.iter().all(|connection| roster.add(connection)));
            assert!(!roster.add(&all[2]), "it is in already");
            let mut held: Vec<_> = roster.iter().map(|connection| connection.id()).collect();
            held.sort_unstable();
            assert!(held.into_iter().eq(all.iter().map(|connection| connection.id())));
            for (left, connection) in (0..all.len()).rev().zip(&all) {
                assert!(roster.remove(connection));
                assert!(!roster.remove(connection), "it has left");
                assert_eq!((roster.len(), roster.iter().count()), (left, left));
            }
            assert!(roster.is_empty());
        }
    }
}
