//! Decides each command of a batch in turn, on the rows that were loaded under the lock: who may, what
//! the domain says, which events that makes, and which number each gets.

mod calls;
mod orders;
mod people;
mod seatings;
mod takeaway;

use super::load::{Known, World};
use super::{Accepted, Answer, Source, Submission};
use crate::domain::command::{Command, SetItem, SetPicture};
use crate::domain::event::{Event, Kind, NewEvent, State};
use crate::domain::ids::{ItemId, RestaurantId, Seq};
use crate::domain::message::{Messages, MessagesState};
use crate::domain::order::Order;
use crate::domain::people::{Actor, By, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::seating::Seating;
use crate::domain::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Portions left from which every change of a counted stock is told.
const TELL_STOCK_FROM: i64 = 5;

/// One command being decided.
struct Case<'a> {
    submission: &'a Submission,
    /// Of the batch, never before the feed's last event.
    at: Timestamp,
    source: &'a Source,
}

/// What a command did.
#[derive(Default)]
struct Done {
    events: Vec<NewEvent>,
    subject: Uuid,
    order: Option<Box<Order>>,
    seating: Option<Seating>,
}

impl Done {
    fn of(subject: Uuid) -> Self {
        Self { subject, ..Self::default() }
    }

    fn event(mut self, kind: Kind, state: State) -> Self {
        self.events.push(NewEvent { kind, state });
        self
    }
}

type Decision = Result<Done, Refusal>;

/// Decides one command and numbers its events.
pub fn answer(world: &mut World, submission: &Submission, now: Timestamp, source: &Source) -> Answer {
    let key = (submission.restaurant, submission.request.id);
    if let Some(known) = world.known.get(&key) {
        return again(known, submission);
    }
    let Some(feed) = world.feeds.get(&submission.restaurant) else {
        return Answer::Refused(Refusal::new(Code::Forbidden, "There is no such restaurant."));
    };
    let case = Case { submission, at: now.max(feed.now.at), source };
    let decision = authorised(world, &case).and_then(|()| decide(world, &case));
    match decision {
        Err(refusal) => Answer::Refused(refusal),
        Ok(done) => Answer::Accepted(Box::new(accept(world, &case, done))),
    }
}

/// The same id, sender and body get the same answer; anything else is another command (L4).
fn again(known: &Known, submission: &Submission) -> Answer {
    if known.sender == submission.request.actor.sender() && known.body_hash == submission.body_hash {
        return Answer::Accepted(Box::new(Accepted {
            seq: known.seq,
            subject: known.subject,
            again: true,
            order: None,
            seating: None,
        }));
    }
    Answer::Refused(Refusal::new(Code::IdReused, "This command id was used for something else. Make a new one."))
}

fn accept(world: &mut World, case: &Case<'_>, done: Done) -> Accepted {
    let s = case.submission;
    for new in done.events {
        number(world, case, new);
    }
    let seq = head(world, s.restaurant);
    let known = Known {
        sender: s.request.actor.sender(),
        body_hash: s.body_hash.to_vec(),
        seq,
        subject: done.subject,
        new_at: Some(case.at),
    };
    // `shown` is idempotent by itself and comes often: it leaves no row.
    if !matches!(s.request.command, Command::MarkShown(_)) {
        world.known.insert((s.restaurant, s.request.id), known);
    }
    Accepted { seq, subject: done.subject, again: false, order: done.order, seating: done.seating }
}

/// Gives an event its place in the feed.
fn number(world: &mut World, case: &Case<'_>, new: NewEvent) {
    let by = by(world, case);
    let Some(feed) = world.feeds.get_mut(&case.submission.restaurant) else { return };
    feed.now.seq += 1;
    feed.now.at = case.at;
    world.events.push(Event {
        restaurant: case.submission.restaurant,
        epoch: feed.now.epoch,
        seq: feed.now.seq,
        at: case.at,
        kind: new.kind,
        by,
        command: case.submission.request.id,
        state: new.state,
    });
}

/// A screen is called what it is called now, not what its token says.
fn by(world: &World, case: &Case<'_>) -> By {
    let actor = &case.submission.request.actor;
    if let Actor::Screen { screen, .. } = actor
        && let Some(entry) = world.screens.get(&(case.submission.restaurant, *screen))
    {
        return By::Screen { screen: *screen, name: entry.now.name.clone() };
    }
    actor.by()
}

fn head(world: &World, restaurant: RestaurantId) -> Seq {
    world.feeds.get(&restaurant).map_or(0, |feed| feed.now.seq)
}

/// The token may be older than what the rows say: they decide (W8).
fn authorised(world: &World, case: &Case<'_>) -> Result<(), Refusal> {
    let r = case.submission.restaurant;
    match &case.submission.request.actor {
        // What verified the phone was looked at on the way here, and does not end before its token.
        Actor::Takeaway { .. } | Actor::System => Ok(()),
        Actor::Staff { session, .. } | Actor::Screen { session, .. } => match world.sessions.get(&(r, *session)) {
            Some(entry) if entry.now.revoked_at.is_none() && entry.now.expires_at > case.at => Ok(()),
            _ => Err(Refusal::new(Code::SessionRevoked, "This login was ended. Sign in again.")),
        },
        Actor::Guest { guest, seating } => {
            let known = world.has_guest(r, *seating, *guest);
            match world.seatings.get(&(r, *seating)) {
                Some(entry) if known => entry.now.seating.must_be_open(),
                _ => Err(Refusal::new(
                    Code::SeatingClosed,
                    "This table was closed. Scan the code on the table to begin again.",
                )),
            }
        }
    }
}

fn decide(world: &mut World, case: &Case<'_>) -> Decision {
    match &case.submission.request.command {
        Command::PlaceOrder(draft) => orders::place(world, case, draft),
        Command::StartOrder(c) => takeaway::start(world, case, c.order),
        Command::PauseTakeaway(c) => takeaway::pause(world, case, c.paused),
        Command::MarkShown(c) => orders::mark_shown(world, case, c),
        Command::RaiseAlarm(c) => orders::raise_alarm(world, case, c),
        Command::JoinSeating(c) => seatings::join(world, case, c),
        Command::OpenSeating(c) => seatings::open(world, case, c.table),
        Command::ReleaseSeating(c) => seatings::release(world, case, c),
        Command::GivePin(c) => seatings::give_pin(world, case, &c.pin),
        Command::CloseSeating(c) => seatings::close(world, case, c),
        Command::MoveSeating(c) => seatings::move_to(world, case, c),
        Command::CallStaff(c) => calls::call(world, case, c.reason),
        Command::CallComing(c) => calls::coming(world, case, c),
        Command::CallDone(c) => calls::done(world, case, c),
        Command::ExpireSeating(c) => seatings::expire(world, case, c),
        Command::SetPicture(c) => set_picture(world, case, c),
        Command::RotateCode(c) => seatings::rotate_code(world, case, c.table),
        Command::SetItem(c) => set_item(world, case, c),
        Command::RevokeSession(c) => people::revoke_session(world, case, c),
        Command::PairScreen(c) => people::pair_screen(world, case, c),
        Command::SetScreen(c) => people::set_screen(world, case, c),
        Command::RevokeScreen(c) => people::revoke_screen(world, case, c.screen),
        Command::AddMember(c) => people::add(world, case, c),
        Command::SetRole(c) => people::set_role(world, case, c),
        Command::RemoveMember(c) => people::remove(world, case, c.user),
        Command::EndLogins(c) => people::end_logins(world, case, c.user),
        Command::ConfirmOrder(_)
        | Command::BumpOrder(_)
        | Command::RecallOrder(_)
        | Command::CompleteOrder(_)
        | Command::CancelOrder(_)
        | Command::RushOrder(_)
        | Command::ConfirmAllergy(_)
        | Command::StartLine(_)
        | Command::FinishLine(_)
        | Command::RecallLine(_)
        | Command::VoidLine(_)
        | Command::HoldLine(_)
        | Command::FireLine(_)
        | Command::RemakeLine(_)
        | Command::ReopenOrder(_)
        | Command::NoteTold(_) => orders::change(world, case),
        Command::SetMessages(c) => set_messages(world, case, *c),
        Command::MoveLine(c) => orders::transfer(world, case, c),
        Command::TellGuest(c) => orders::tell(world, case, c),
    }
}

/// Which news guests are sent, and how. The menu has a new version with it.
fn set_messages(world: &mut World, case: &Case<'_>, messages: Messages) -> Decision {
    at_least(case, Role::Manager)?;
    let r = case.submission.restaurant;
    let mut menu = world.menu(r).map_err(|_| orders::unknown_order())?;
    let done = Done::of(r.0);
    let now = menu.restaurant.settings.messages;
    let Some(feed) = world.feeds.get_mut(&r).filter(|_| now != messages) else { return Ok(done) };
    feed.now.menu_version += 1;
    let changed = Arc::make_mut(&mut menu);
    changed.version = feed.now.menu_version;
    changed.restaurant.settings.messages = messages;
    world.settings.insert(r, changed.restaurant.settings.clone());
    world.menus.insert(r, menu);
    let state = MessagesState { messages, menu_version: feed.now.menu_version };
    Ok(done.event(Kind::MessagesChanged, State::Messages { messages: state }))
}

fn at_least(case: &Case<'_>, role: Role) -> Result<(), Refusal> {
    if case.submission.request.actor.is_at_least(role) {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, format!("This needs the role `{}` or higher.", role.name())))
}

fn set_item(world: &mut World, case: &Case<'_>, command: &SetItem) -> Decision {
    at_least(case, Role::Kitchen)?;
    let key = (case.submission.restaurant, command.item);
    let Some(entry) = world.items.get_mut(&key) else {
        return Err(Refusal::new(Code::UnknownItem, "This dish is not on the menu."));
    };
    let available = command.available && command.stock != Some(0);
    if (entry.now.available, entry.now.stock) == (available, command.stock) {
        return Ok(Done::of(command.item.0));
    }
    entry.now.available = available;
    entry.now.stock = command.stock;
    let event = item_changed(world, key);
    Ok(Done { events: event.into_iter().collect(), ..Done::of(command.item.0) })
}

/// The picture itself is kept already, by its content.
fn set_picture(world: &mut World, case: &Case<'_>, command: &SetPicture) -> Decision {
    at_least(case, Role::Manager)?;
    let key = (case.submission.restaurant, command.item);
    let unknown = || Refusal::new(Code::UnknownItem, "This dish is not on the menu.");
    let menu = world.menu(key.0).map_err(|_| unknown())?;
    let before = menu.item(command.item).ok_or_else(unknown)?.picture.as_ref();
    let before = world.pictures.get(&key).map_or(before, Option::as_ref);
    let done = Done::of(command.item.0);
    if before == command.picture.as_ref() {
        return Ok(done);
    }
    world.pictures.insert(key, command.picture.clone());
    let event = item_changed(world, key);
    Ok(Done { events: event.into_iter().collect(), ..done })
}

/// The event of an item that is not what it was; the menu has a new version with it.
fn item_changed(world: &mut World, key: (RestaurantId, ItemId)) -> Option<NewEvent> {
    let feed = world.feeds.get_mut(&key.0)?;
    let entry = world.items.get_mut(&key)?;
    feed.now.menu_version += 1;
    entry.now.version += 1;
    entry.now.menu_version = feed.now.menu_version;
    Some(NewEvent { kind: Kind::ItemChanged, state: State::Item { item: entry.now.clone() } })
}

/// Moves a counted stock by `by` portions. Tells when it is low, runs out or comes back.
fn move_stock(world: &mut World, restaurant: RestaurantId, item: ItemId, by: i64) -> Option<NewEvent> {
    let key = (restaurant, item);
    let entry = world.items.get_mut(&key)?;
    let before = entry.now.stock?;
    let after = before.saturating_add(by).max(0);
    entry.now.stock = Some(after);
    if after == 0 {
        entry.now.available = false;
    } else if before == 0 {
        entry.now.available = true;
    }
    if after <= TELL_STOCK_FROM || before <= TELL_STOCK_FROM { item_changed(world, key) } else { None }
}
