//! What managers may read of how things went.

use super::{Commands, Denied, forbidden};
use crate::domain::estimate::{self, Accuracy};
use crate::domain::people::Role;
use crate::identity::tokens::Claims;
use std::time::Duration;

/// Days that a report looks back at most.
pub const REPORT_DAYS: u16 = 90;

impl Commands {
    /// How far promises were from what happened, over the last days.
    ///
    /// # Errors
    /// `forbidden`; `Unavailable`.
    pub async fn accuracy(&self, claims: &Claims, days: u16) -> Result<Accuracy, Denied> {
        if !claims.actor.is_at_least(Role::Manager) {
            return Err(forbidden("This needs the role `manager` or higher.").into());
        }
        let days = u64::from(days.clamp(1, REPORT_DAYS));
        let since = self.clock.now().minus(Duration::from_secs(days * 24 * 3600));
        Ok(estimate::accuracy(&self.store.outcomes(claims.restaurant, since).await?))
    }
}
