//! Where nodes are, and at which one somebody is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

/// Where the server is; it may move. There may be several nodes: whoever is not served by one tries the next.
#[derive(Clone, Debug)]
pub struct Home {
    bases: Arc<RwLock<Vec<String>>>,
    at: Arc<AtomicUsize>,
}

impl Home {
    pub fn new(base: &str) -> Self {
        Self::among(&[base.to_owned()])
    }

    pub fn among(bases: &[String]) -> Self {
        Self { bases: Arc::new(RwLock::new(bases.to_vec())), at: Arc::default() }
    }

    /// The same nodes as somebody else sees them, who begins with the `n`th.
    pub fn of(&self, n: usize) -> Self {
        Self { bases: Arc::clone(&self.bases), at: Arc::new(AtomicUsize::new(n)) }
    }

    pub fn base(&self) -> String {
        let bases = self.bases.read().expect("a lock");
        bases[self.at.load(Ordering::Relaxed) % bases.len()].clone()
    }

    pub fn index(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    /// This node does not serve: the next one may.
    pub fn elsewhere(&self) {
        self.at.fetch_add(1, Ordering::Relaxed);
    }

    pub fn moved_to(&self, base: &str) {
        *self.bases.write().expect("a lock") = vec![base.to_owned()];
    }
}
