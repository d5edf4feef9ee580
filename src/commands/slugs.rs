//! Which restaurant a slug means, remembered: slugs do not change while a server runs.

use crate::domain::ids::RestaurantId;
use parking_lot::RwLock;
use std::collections::HashMap;

/// Slugs remembered at most; beyond it everything is asked again.
const SLUGS: usize = 50_000;

#[derive(Default)]
pub struct SlugCache(RwLock<HashMap<String, RestaurantId>>);

impl SlugCache {
    pub fn get(&self, slug: &str) -> Option<RestaurantId> {
        self.0.read().get(slug).copied()
    }

    pub fn put(&self, slug: &str, id: RestaurantId) {
        let mut slugs = self.0.write();
        if slugs.len() >= SLUGS {
            slugs.clear();
        }
        slugs.insert(slug.to_owned(), id);
    }
}
