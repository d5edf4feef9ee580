//! Tries at passwords and codes: counted in the database, so that a restart forgets none and all nodes count
//! as one (DESIGN §7). A try is counted before it is looked whether it is right, and the count is committed by then:
//! tries in parallel are as many as tries in turn. A right answer forgets what was counted for its account.

use super::{Commands, Denied};
use crate::domain::ids::RestaurantId;
use crate::identity::secrets;
use crate::store::wide::tries::{self, Bound};
use std::net::IpAddr;
use std::time::Duration;

/// How much is allowed to whom.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// Wrong answers for one account …
    pub wrong_per_account: i64,
    /// … and from one address, within …
    pub wrong_per_address: i64,
    /// … this time of the first.
    pub wrong_within: Duration,
    /// Pairing codes that may be asked for from one address, and in all, while one lives.
    pub pairings_per_address: i64,
    pub pairings: i64,
    /// Codes that verify a phone: so many to one number, asked for from one address, of one restaurant, and in all …
    pub codes_per_phone: i64,
    pub codes_per_address: i64,
    pub codes_per_restaurant: i64,
    pub codes: i64,
    /// … within this time of the first.
    pub codes_within: Duration,
}

/// One counted try; what is done with it depends on the answer.
#[must_use]
pub struct Try {
    account: Bound,
    address: Bound,
}

impl Commands {
    /// Counts a try of `kind` at an account, from an address.
    ///
    /// # Errors
    /// `Limited`; `Unavailable`.
    pub(super) async fn count_try(&self, kind: Kind, account: &str, from: IpAddr) -> Result<Try, Denied> {
        let within = self.tries.wrong_within;
        let bound = |kind, what: &str, most| Bound { kind, subject: secrets::digest(what), most, within };
        let (of_account, of_address) = kind.names();
        let account = bound(of_account, account, self.tries.wrong_per_account);
        let address = bound(of_address, &from.to_string(), self.tries.wrong_per_address);
        self.count([account.clone(), address.clone()]).await?;
        Ok(Try { account, address })
    }

    /// Counts a wish to be paired.
    ///
    /// # Errors
    /// `Limited`; `Unavailable`.
    pub(super) async fn count_pairing(&self, from: IpAddr, within: Duration) -> Result<(), Denied> {
        let bound = |kind, what: &str, most| Bound { kind, subject: secrets::digest(what), most, within };
        let address = bound("pairing.address", &from.to_string(), self.tries.pairings_per_address);
        self.count([address, bound("pairing.all", "", self.tries.pairings)]).await
    }

    /// Counts a wish for a code that verifies a phone: each one costs a message, and somebody gets it.
    ///
    /// # Errors
    /// `Limited`; `Unavailable`.
    pub(super) async fn count_code(
        &self,
        restaurant: RestaurantId,
        number: [u8; 32],
        from: IpAddr,
        again: Duration,
    ) -> Result<(), Denied> {
        let tries = &self.tries;
        let bound = |kind, subject, most| Bound { kind, subject, most, within: tries.codes_within };
        let address = secrets::digest(&from.to_string());
        self.count([
            Bound { kind: "verify.again", subject: number, most: 1, within: again },
            bound("verify.phone", number, tries.codes_per_phone),
            bound("verify.address", address, tries.codes_per_address),
            bound("verify.restaurant", secrets::digest(&restaurant.to_string()), tries.codes_per_restaurant),
            bound("verify.all", secrets::digest(""), tries.codes),
        ])
        .await
    }

    async fn count<const N: usize>(&self, bounds: [Bound; N]) -> Result<(), Denied> {
        let Some(wait) = tries::count(&self.store.db, &bounds, self.clock.now()).await? else { return Ok(()) };
        tracing::warn!(kind = bounds[0].kind, "too many tries");
        Err(Denied::limited(wait))
    }

    /// The answer was right.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(super) async fn was_right(&self, one: Try) -> Result<(), Denied> {
        Ok(tries::right(&self.store.db, &[one.account], &[one.address]).await?)
    }

    /// Nothing was said about the answer.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(super) async fn was_none(&self, one: Try) -> Result<(), Denied> {
        Ok(tries::right(&self.store.db, &[], &[one.account, one.address]).await?)
    }
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Password,
    /// A pairing code, by a manager.
    Code,
}

impl Kind {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Password => ("password.account", "password.address"),
            Self::Code => ("code.account", "code.address"),
        }
    }
}
