//! Who may do how much (DESIGN §7): guests per phone, table and restaurant; addresses only before a token
//! exists, and generously, since a restaurant shares one; logins strictly, per account and address.

use super::problems::Failure;
use crate::config;
use crate::domain::ids::{GuestId, RestaurantId, ScreenId, SeatingId, UserId};
use crate::domain::people::Actor;
use crate::identity::tokens::Claims;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use uuid::Uuid;

/// All limits of one node.
pub struct Limits {
    clock: DefaultClock,
    scans: DefaultKeyedRateLimiter<IpAddr>,
    guest_requests: DefaultKeyedRateLimiter<GuestId>,
    /// People and screens, by their ids.
    staff_requests: DefaultKeyedRateLimiter<Uuid>,
    guest_orders: DefaultKeyedRateLimiter<GuestId>,
    table_orders: DefaultKeyedRateLimiter<SeatingId>,
    restaurant_orders: DefaultKeyedRateLimiter<RestaurantId>,
    login_accounts: DefaultKeyedRateLimiter<String>,
    login_addresses: DefaultKeyedRateLimiter<IpAddr>,
}

fn per_minute<K: Hash + Eq + Clone>(count: NonZeroU32) -> DefaultKeyedRateLimiter<K> {
    RateLimiter::keyed(Quota::per_minute(count))
}

impl Limits {
    #[must_use]
    pub fn new(config: &config::Limits) -> Self {
        Self {
            clock: DefaultClock::default(),
            scans: per_minute(config.scans_per_address),
            guest_requests: per_minute(config.requests_per_guest),
            staff_requests: per_minute(config.staff_requests),
            guest_orders: per_minute(config.orders_per_guest),
            table_orders: per_minute(config.orders_per_table),
            restaurant_orders: per_minute(config.orders_per_restaurant),
            login_accounts: per_minute(config.login_per_account),
            login_addresses: per_minute(config.login_per_address),
        }
    }

    /// Before a token exists.
    pub fn scan(&self, address: IpAddr) -> Result<(), Failure> {
        self.check(&self.scans, &address)
    }

    /// Any request with a token.
    pub fn request(&self, claims: &Claims) -> Result<(), Failure> {
        match &claims.actor {
            Actor::Guest { guest, .. } | Actor::Takeaway { guest } => self.check(&self.guest_requests, guest),
            Actor::Staff { user: UserId(id), .. } | Actor::Screen { screen: ScreenId(id), .. } => {
                self.check(&self.staff_requests, id)
            }
            Actor::System => Ok(()),
        }
    }

    /// A guest's order. Staff order as fast as they can type.
    pub fn order(&self, claims: &Claims) -> Result<(), Failure> {
        match &claims.actor {
            Actor::Guest { guest, seating } => {
                self.check(&self.guest_orders, guest)?;
                self.check(&self.table_orders, seating)?;
            }
            Actor::Takeaway { guest } => self.check(&self.guest_orders, guest)?,
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => return Ok(()),
        }
        self.check(&self.restaurant_orders, &claims.restaurant)
    }

    pub fn login(&self, email: &str, address: IpAddr) -> Result<(), Failure> {
        self.check(&self.login_addresses, &address)?;
        let account: String = email.trim().to_lowercase().chars().take(254).collect();
        self.check(&self.login_accounts, &account)
    }

    /// Forgets keys that are back at their full allowance; without it they would pile up.
    pub fn forget_idle(&self) {
        self.scans.retain_recent();
        self.guest_requests.retain_recent();
        self.staff_requests.retain_recent();
        self.guest_orders.retain_recent();
        self.table_orders.retain_recent();
        self.restaurant_orders.retain_recent();
        self.login_accounts.retain_recent();
        self.login_addresses.retain_recent();
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Failure> {
        limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            // Rounded up: a client that comes back too early is refused again.
            Failure::limited((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
        })
    }
}
