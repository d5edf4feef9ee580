//! Takeaway: the times that are left, the phone that orders (a code proves whose it is), and the token it gets.

use super::{Commands, Denied};
use crate::domain::command::{Draft, is_e164};
use crate::domain::ids::{GuestId, RestaurantId};
use crate::domain::menu::Menu;
use crate::domain::message::Locale;
use crate::domain::order::Channel;
use crate::domain::people::Actor;
use crate::domain::refusal::{Code, FieldProblem, Refusal};
use crate::domain::takeaway::{self, Work};
use crate::identity::secrets;
use crate::identity::tokens::Claims;
use crate::protocol::rest::{CodeAsked, CodeRequest, SlotList, TakeawayGuest};
use crate::store::outbox::NewCode;
use crate::store::takeaway::{Tried, Verification};
use std::net::IpAddr;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a code can be entered.
pub const CODE_LIFE: Duration = Duration::from_secs(5 * 60);
/// The same number may have another code after this.
pub const CODE_AGAIN_MS: u32 = 30_000;
/// How long a number that was verified need not be again: from the last time that its phone was here. Longer than any
/// order can wait.
pub const VERIFIED_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

impl Commands {
    /// The times at which an order can be picked up that takes so much work.
    ///
    /// # Errors
    /// `Unavailable`; `None`: there is no such restaurant.
    pub async fn slots(&self, restaurant: RestaurantId, work: Work) -> Result<Option<SlotList>, Denied> {
        let Some(menu) = self.store.current_menu(restaurant).await? else { return Ok(None) };
        let (now, about) = (self.clock.now(), &menu.restaurant);
        let rules = &about.settings.takeaway;
        let booked = self.store.booked(restaurant, now).await?;
        let offer = takeaway::offer(about, &booked, work, now);
        Ok(Some(SlotList {
            on: rules.on,
            soonest: offer.soonest,
            slots: offer.left,
            full: offer.full,
            opens_at: offer.opens_at,
            paused_until: rules.paused_until.filter(|until| rules.on && *until > now),
        }))
    }

    /// Sends a code to a phone that wants to order. The answer says nothing about the number.
    ///
    /// # Errors
    /// `invalid`, `takeaway_closed`; `Limited`; `Unavailable`; `None`: there is no such restaurant.
    pub async fn ask_code(
        &self,
        restaurant: RestaurantId,
        request: CodeRequest,
        from: IpAddr,
    ) -> Result<Option<CodeAsked>, Denied> {
        check(&request)?;
        let Some(menu) = self.store.current_menu(restaurant).await? else { return Ok(None) };
        if !menu.restaurant.settings.takeaway.on {
            let message = "This restaurant takes no takeaway orders here.";
            return Err(Refusal::new(Code::TakeawayClosed, message).into());
        }
        let number = self.tokens.number_digest(&request.phone);
        self.count_code(restaurant, number, from, Duration::from_millis(CODE_AGAIN_MS.into())).await?;
        let (id, code, now) = (GuestId((self.source.id)()), secrets::pin(), self.clock.now());
        let expires_at = now.plus(CODE_LIFE);
        let verification = Verification {
            restaurant,
            id,
            phone_hash: self.tokens.phone_digest(restaurant, &request.phone).to_vec(),
            code_hash: self.tokens.verification_digest(id, &code).to_vec(),
            expires_at,
            verified_at: None,
            ends_at: expires_at,
        };
        let message = NewCode {
            restaurant,
            id: id.0,
            channel: request.channel,
            phone: request.phone,
            locale: request.locale.unwrap_or_else(|| locale_of(&menu)),
            name: menu.restaurant.name.clone(),
            code,
            expires_at,
        };
        self.store.begin_verification(&verification, message, now).await?;
        Ok(Some(CodeAsked { id, expires_at, again_ms: CODE_AGAIN_MS }))
    }

    /// The code that was sent, for a token. Given again in its time, it is the same guest: an answer may be lost.
    ///
    /// # Errors
    /// `wrong_code`, `code_ended`; `Unavailable`; `None`: there is no such restaurant.
    pub async fn verify_code(
        &self,
        restaurant: RestaurantId,
        id: GuestId,
        code: &str,
    ) -> Result<Option<TakeawayGuest>, Denied> {
        let Some(menu) = self.store.menu(restaurant).await? else { return Ok(None) };
        let now = self.clock.now();
        let typed: String = code.chars().take(32).filter(|c| !c.is_whitespace() && *c != '-').collect();
        let digest = self.tokens.verification_digest(id, &typed);
        let right = |one: &Verification| bool::from(digest.as_slice().ct_eq(&one.code_hash));
        match self.store.try_code(restaurant, id, right, now, now.plus(VERIFIED_LIFE)).await? {
            Tried::Right => Ok(Some(self.takeaway_guest(restaurant, &menu.restaurant.slug, id))),
            Tried::Wrong => {
                let message = "This is not the code that was sent. Look again.";
                Err(Refusal::new(Code::WrongCode, message).into())
            }
            Tried::Ended => {
                let message = "This code cannot be used any more. Ask for another one.";
                Err(Refusal::new(Code::CodeEnded, message).into())
            }
        }
    }

    /// A newer token for a phone that was verified; the old one may have expired.
    ///
    /// # Errors
    /// `Unauthorized`: it has to be verified again; `Unavailable`.
    pub async fn renew_takeaway(&self, claims: &Claims) -> Result<TakeawayGuest, Denied> {
        let Actor::Takeaway { guest } = &claims.actor else { return Err(Denied::Unauthorized("unauthorized")) };
        let now = self.clock.now();
        if self.store.prolong_verification(claims.restaurant, *guest, now, now.plus(VERIFIED_LIFE)).await? {
            return Ok(self.takeaway_guest(claims.restaurant, &claims.slug, *guest));
        }
        Err(Denied::Unauthorized("revoked"))
    }

    /// The phone is not verified any more: its tokens open nothing from here on.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn forget_takeaway(&self, claims: &Claims) -> Result<(), Denied> {
        let Actor::Takeaway { guest } = &claims.actor else { return Ok(()) };
        Ok(self.store.end_verification(claims.restaurant, *guest).await?)
    }

    fn takeaway_guest(&self, restaurant: RestaurantId, slug: &str, guest: GuestId) -> TakeawayGuest {
        let now = self.clock.now();
        let claims = Claims {
            restaurant,
            slug: slug.to_owned(),
            actor: Actor::Takeaway { guest },
            issued_at: now,
            expires_at: now.plus(self.lives.access),
        };
        let token = self.tokens.issue(&claims);
        TakeawayGuest { token, expires_at: claims.expires_at, restaurant, slug: claims.slug, guest }
    }

    /// A guest without a table orders only with the number that was verified.
    pub(super) async fn verified(&self, claims: &Claims, draft: &Draft) -> Result<(), Denied> {
        let Actor::Takeaway { guest } = &claims.actor else { return Ok(()) };
        // Also without a number: the phone that was verified is welcome, or is not any more.
        match &draft.contact {
            Some(contact) => self.is_own_phone(claims, *guest, &contact.phone).await,
            None => self.verification_of(claims, *guest).await.map(drop),
        }
    }

    /// Is it the number that a guest without a table has verified?
    pub(super) async fn is_own_phone(&self, claims: &Claims, guest: GuestId, phone: &str) -> Result<(), Denied> {
        let one = self.verification_of(claims, guest).await?;
        let digest = self.tokens.phone_digest(claims.restaurant, phone);
        if bool::from(digest.as_slice().ct_eq(&one.phone_hash)) {
            return Ok(());
        }
        Err(Refusal::new(Code::OtherPhone, "This is not the number that was verified. Verify it first.").into())
    }

    /// # Errors
    /// `Unauthorized` when the phone has to be verified again; `Unavailable`.
    pub(super) async fn verification_of(&self, claims: &Claims, guest: GuestId) -> Result<Verification, Denied> {
        let (found, now) = (self.store.verification(claims.restaurant, guest).await?, self.clock.now());
        let holds = |one: &Verification| one.verified_at.is_some() && one.ends_at > now;
        found.filter(holds).ok_or(Denied::Unauthorized("revoked"))
    }
}

fn check(request: &CodeRequest) -> Result<(), Refusal> {
    let wrong = |field: &str, message: &str| FieldProblem { field: field.to_owned(), message: message.to_owned() };
    let mut fields = Vec::new();
    if !is_e164(&request.phone) {
        fields.push(wrong("phone", "must be an international number such as +34600111222"));
    }
    if !matches!(request.channel, Channel::Whatsapp | Channel::Sms) {
        fields.push(wrong("channel", "must be `whatsapp` or `sms`"));
    }
    if !request.consent {
        fields.push(wrong("consent", "must be given before anything is sent"));
    }
    if fields.is_empty() { Ok(()) } else { Err(Refusal::invalid(fields)) }
}

/// The restaurant's first language, as far as messages are written in it.
fn locale_of(menu: &Menu) -> Locale {
    menu.restaurant.locales.iter().find_map(|locale| Locale::parse(locale)).unwrap_or(Locale::En)
}
