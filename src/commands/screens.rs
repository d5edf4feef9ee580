//! Screens: asking to be paired, a manager's confirmation, and the login that a screen collects.

use super::sessions::Login;
use super::tries::Kind;
use super::{Commands, Denied, accepted, body_hash, forbidden};
use crate::domain::command::{Command, PairScreen, Request};
use crate::domain::ids::{CommandId, RestaurantId, ScreenId};
use crate::domain::people::{Actor, Role, Screen};
use crate::domain::refusal::{Code, Refusal};
use crate::identity::secrets;
use crate::identity::tokens::Claims;
use crate::protocol::rest::{ConfirmRequest, ListedScreen, PairingAsked, PairingWaits};
use crate::store::committer::{Answer, Submission};
use crate::store::people::Owner;
use crate::store::screens::{Collected, Pairing};
use std::net::IpAddr;
use std::time::Duration;
use uuid::Uuid;

/// How long a pairing code lives, and the claim with it.
pub const PAIRING_LIFE: Duration = Duration::from_secs(5 * 60);
/// How often a screen asks whether it was confirmed.
pub const POLL_MS: u32 = 2_000;

/// What a screen with a claim is answered.
pub enum Claimed {
    Waits(PairingWaits),
    In(Box<Login>),
    /// Too late, collected already, or sent away since.
    Ended,
}

impl Commands {
    /// A screen wants to be paired: a code to show, and a claim to keep.
    ///
    /// # Errors
    /// `Limited`; `Unavailable`.
    pub async fn ask_pairing(&self, restaurant: RestaurantId, from: IpAddr) -> Result<PairingAsked, Denied> {
        self.count_pairing(from, PAIRING_LIFE).await?;
        let (code, claim) = (secrets::pairing_code(), secrets::fresh());
        let expires_at = self.clock.now().plus(PAIRING_LIFE);
        let pairing = Pairing {
            restaurant,
            code_hash: self.tokens.code_digest(restaurant, &code).to_vec(),
            claim_hash: secrets::digest(&claim).to_vec(),
            expires_at,
            screen: None,
            session: None,
        };
        self.store.begin_pairing(&pairing).await?;
        Ok(PairingAsked { code, claim, expires_at, poll_ms: POLL_MS })
    }

    /// A manager confirms a code: a new screen, or a known one that is paired again.
    ///
    /// # Errors
    /// `wrong_code`, `unknown_station`, `unknown_screen`, `too_many_screens`, `forbidden`, `invalid`; `Limited`;
    /// `Unavailable`.
    pub async fn confirm_pairing(
        &self,
        claims: &Claims,
        id: CommandId,
        request: ConfirmRequest,
        from: IpAddr,
    ) -> Result<Screen, Denied> {
        let Actor::Staff { user, .. } = &claims.actor else {
            return Err(forbidden("Only a manager can pair a screen.").into());
        };
        if !claims.actor.is_at_least(Role::Manager) {
            return Err(forbidden("This needs the role `manager` or higher.").into());
        }
        let ConfirmRequest { code, name, stations, screen } = request;
        // What is no code at all is a wrong one, and counts as one.
        let code = secrets::typed_code(&code).unwrap_or_default();
        let code_hash = hexadecimal(&self.tokens.code_digest(claims.restaurant, &code));
        let command = Command::PairScreen(PairScreen { code_hash, name, stations, screen });
        command.check()?;
        let one = self.count_try(Kind::Code, &format!("{} {user}", claims.restaurant), from).await?;
        let body_hash = body_hash(&command, None);
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let restaurant = claims.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        let answer = self.committer.submit(submission).await;
        match &answer {
            Answer::Accepted(_) => self.was_right(one).await?,
            // Whoever is not told that the code is wrong has learnt nothing by it.
            Answer::Refused(refusal) if refusal.code != Code::WrongCode => self.was_none(one).await?,
            Answer::Refused(_) | Answer::NotTried(_) => {}
        }
        let screen = self.store.screen(restaurant, ScreenId(accepted(answer)?.subject)).await?;
        Ok(screen.ok_or_else(|| Refusal::new(Code::UnknownScreen, "There is no such screen."))?)
    }

    /// A screen asks whether it was confirmed, and collects its login if so.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn collect_pairing(&self, restaurant: RestaurantId, claim: &str) -> Result<Claimed, Denied> {
        // Whose it is the store finds out.
        let (fresh, _) = self.new_session(restaurant, Owner::Screen(ScreenId(Uuid::nil())));
        let claim_hash = secrets::digest(claim).to_vec();
        Ok(match self.store.collect(claim_hash, fresh, self.clock.now()).await? {
            Collected::Waiting { expires_at } => Claimed::Waits(PairingWaits { expires_at, poll_ms: POLL_MS }),
            Collected::Ended => Claimed::Ended,
            Collected::In(one) => {
                let (session, screen) = *one;
                let Some(menu) = self.store.menu(restaurant).await? else { return Ok(Claimed::Ended) };
                let refresh = self.refresh_token(restaurant, session.id, 1);
                let slug = menu.restaurant.slug.clone();
                Claimed::In(Box::new(self.screen_login(&session, refresh, slug, screen)))
            }
        })
    }

    /// # Errors
    /// `forbidden`; `Unavailable`.
    pub async fn list_screens(&self, claims: &Claims) -> Result<Vec<ListedScreen>, Denied> {
        if !claims.actor.is_at_least(Role::Manager) {
            return Err(forbidden("This needs the role `manager` or higher.").into());
        }
        let screens = self.store.screens(claims.restaurant).await?;
        let online = self.online(claims.restaurant).await;
        let listed = |screen: Screen| ListedScreen { online: online.screens.contains(&screen.id), screen };
        Ok(screens.into_iter().map(listed).collect())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
