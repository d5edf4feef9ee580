//! Pictures of dishes: shrunk here, kept by their content, then named by the dish with a command.

use super::{Commands, Denied, accepted, body_hash, forbidden};
use crate::domain::command::{Command, Request, SetPicture};
use crate::domain::ids::{CommandId, ItemId, RestaurantId};
use crate::domain::menu::Picture;
use crate::domain::people::Role;
use crate::domain::refusal::{Code, Refusal};
use crate::identity::tokens::Claims;
use crate::pictures::{self, Unfit};
use crate::store::committer::Submission;
use std::time::Duration;

/// Pictures that are shrunk at a time on one node: each takes a core, and memory, for a while.
pub const SHRUNK_AT_A_TIME: usize = 1;
/// How long one waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(5);

/// Why a dish did not get a picture.
pub enum NoPicture {
    Unfit(Unfit),
    Denied(Denied),
}

impl From<Denied> for NoPicture {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl Commands {
    /// Gives a dish its picture.
    ///
    /// # Errors
    /// What is wrong with the picture; `forbidden`, `unknown_item`; `Unavailable`.
    pub async fn put_picture(&self, claims: &Claims, item: ItemId, bytes: Vec<u8>) -> Result<Picture, NoPicture> {
        must_manage(claims)?;
        let menu = self.store.menu(claims.restaurant).await.map_err(Denied::from)?;
        if menu.is_none_or(|menu| menu.item(item).is_none()) {
            let refusal = Refusal::new(Code::UnknownItem, "This dish is not on the menu.");
            return Err(Denied::Refused(refusal).into());
        }
        let busy = || Denied::Unavailable("other pictures are being made");
        let turn = tokio::time::timeout(TURN_WAIT, self.shrinking.acquire()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let shrunk = tokio::task::spawn_blocking(move || pictures::shrink(&bytes)).await;
        drop(turn);
        let shrunk = shrunk.map_err(|error| {
            tracing::error!(%error, "a picture could not be made");
            NoPicture::Unfit(Unfit::Broken)
        })?;
        let shrunk = shrunk.map_err(NoPicture::Unfit)?;
        let widths = shrunk.sizes.iter().map(|(width, _)| *width).collect();
        let picture = Picture { id: shrunk.id, widths };
        let kept = self.store.keep_picture(claims.restaurant, &picture.id, shrunk.sizes, self.clock.now()).await;
        kept.map_err(Denied::from)?;
        self.set_picture(claims, SetPicture { item, picture: Some(picture.clone()) }).await?;
        Ok(picture)
    }

    /// Takes a dish's picture away.
    ///
    /// # Errors
    /// `forbidden`, `unknown_item`; `Unavailable`.
    pub async fn drop_picture(&self, claims: &Claims, item: ItemId) -> Result<(), Denied> {
        must_manage(claims)?;
        self.set_picture(claims, SetPicture { item, picture: None }).await
    }

    /// One size of a picture; `None`: there is none of that name and width.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn picture(&self, restaurant: RestaurantId, id: &str, width: u16) -> Result<Option<Vec<u8>>, Denied> {
        Ok(self.store.picture(restaurant, id, width).await?)
    }

    async fn set_picture(&self, claims: &Claims, set: SetPicture) -> Result<(), Denied> {
        let command = Command::SetPicture(set);
        let body_hash = body_hash(&command, None);
        let id = CommandId((self.source.id)());
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let restaurant = claims.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        accepted(self.committer.submit(submission).await).map(drop)
    }
}

fn must_manage(claims: &Claims) -> Result<(), Denied> {
    if claims.actor.is_at_least(Role::Manager) {
        return Ok(());
    }
    Err(forbidden("This needs the role `manager` or higher.").into())
}
