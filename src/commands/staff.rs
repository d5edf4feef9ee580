//! The staff of a restaurant: listed, added, and given a new password. Role and removal are commands of the
//! wire; what needs a password is here, since no trace of one may be in a command.

use super::{Commands, Denied, accepted, body_hash, forbidden};
use crate::domain::command::{Command, MemberOnly, MemberRole, Request, Wrong};
use crate::domain::ids::{CommandId, UserId};
use crate::domain::limits::{EMAIL_BYTES, PASSWORD_BYTES, PASSWORD_LEAST_CHARS};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::identity::passwords;
use crate::identity::tokens::Claims;
use crate::protocol::rest::{NewMember, StaffMember};
use crate::store::committer::{Accepted, Submission};
use crate::store::wide;

impl Commands {
    /// Everybody who works here.
    ///
    /// # Errors
    /// `forbidden`; `Unavailable`.
    pub async fn list_staff(&self, claims: &Claims) -> Result<Vec<StaffMember>, Denied> {
        must_be_manager(claims)?;
        let staff = wide::staff_of(&self.store.db, claims.restaurant).await?;
        Ok(staff.into_iter().map(|(user, name, email, role)| StaffMember { user, name, email, role }).collect())
    }

    /// Gives somebody a place. Who has an account already keeps name and password, unless they work nowhere
    /// else: then the password is the new one.
    ///
    /// # Errors
    /// `already_member`, `forbidden`, `invalid`, `id_reused`; `Unavailable`.
    pub async fn add_staff(&self, claims: &Claims, id: CommandId, new: NewMember) -> Result<StaffMember, Denied> {
        must_be_manager(claims)?;
        claims.actor.may_grant(new.role)?;
        let email = new.email.trim().to_lowercase();
        checked(&new, &email)?;
        let hash = self.hashed(new.password).await?;
        let db = &self.store.db;
        let held = wide::account_by_email(db, &email).await?;
        let (user, name) = match held {
            Some(account) => (account.user, account.name),
            None => {
                let (user, name) = (UserId((self.source.id)()), new.name.trim().to_owned());
                wide::insert_user(db, user, &email, &name, &hash, self.clock.now()).await?;
                (user, name)
            }
        };
        let done = self.manage(claims, id, Command::AddMember(MemberRole { user, role: new.role })).await?;
        // A repetition must not bring an old password back.
        if !done.again && !wide::works_elsewhere(db, user, claims.restaurant).await? {
            wide::set_password(db, user, &hash).await?;
        }
        Ok(StaffMember { user, name, email, role: new.role })
    }

    /// Replaces the password of somebody who works here and nowhere else, and ends their logins.
    ///
    /// # Errors
    /// `unknown_member`, `works_elsewhere`, `forbidden`, `invalid`; `Unavailable`.
    pub async fn reset_password(&self, claims: &Claims, user: UserId, password: String) -> Result<(), Denied> {
        must_be_manager(claims)?;
        let mut wrong = Wrong::default();
        check_password(&mut wrong, &password);
        wrong.into_result()?;
        let member = self.store.member(claims.restaurant, user).await?.filter(|member| member.removed_at.is_none());
        let member = member.ok_or_else(|| Refusal::new(Code::UnknownMember, "Nobody of that id works here."))?;
        claims.actor.may_manage(&member)?;
        let hash = self.hashed(password).await?;
        if wide::works_elsewhere(&self.store.db, user, claims.restaurant).await? {
            let message = "This person works for another restaurant, too, and has one password for all.";
            return Err(Refusal::new(Code::WorksElsewhere, message).into());
        }
        // The committer says whether they may, and ends the logins; the second time those that the old
        // password began in between.
        let end = || Command::EndLogins(MemberOnly { user });
        self.manage(claims, CommandId((self.source.id)()), end()).await?;
        wide::set_password(&self.store.db, user, &hash).await?;
        let system = Claims { actor: Actor::System, ..claims.clone() };
        self.manage(&system, CommandId((self.source.id)()), end()).await?;
        Ok(())
    }

    async fn manage(&self, claims: &Claims, id: CommandId, command: Command) -> Result<Box<Accepted>, Denied> {
        let body_hash = body_hash(&command, None);
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let restaurant = claims.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        accepted(self.committer.submit(submission).await)
    }

    async fn hashed(&self, password: String) -> Result<String, Denied> {
        let hash = self.may_hash().await?.hash(move || passwords::hash(&password)).await?;
        hash.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Denied::Unavailable("a password could not be hashed")
        })
    }
}

fn must_be_manager(claims: &Claims) -> Result<(), Refusal> {
    if claims.actor.is_at_least(Role::Manager) {
        return Ok(());
    }
    Err(forbidden("This needs the role `manager` or higher."))
}

fn checked(new: &NewMember, email: &str) -> Result<(), Refusal> {
    let mut wrong = Wrong::default();
    let parts = email.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    let odd = email.chars().any(|c| c.is_whitespace() || c.is_control()) || email.matches('@').count() != 1;
    if parts.is_none() || odd || email.len() > EMAIL_BYTES {
        wrong.add("email", "must be an e-mail address");
    }
    wrong.name("name", &new.name);
    check_password(&mut wrong, &new.password);
    wrong.into_result()
}

fn check_password(wrong: &mut Wrong, password: &str) {
    if password.chars().count() < PASSWORD_LEAST_CHARS {
        wrong.add("password", format!("must have at least {PASSWORD_LEAST_CHARS} characters"));
    }
    if password.len() > PASSWORD_BYTES {
        wrong.add("password", format!("must have at most {PASSWORD_BYTES} bytes"));
    }
}
