//! Which rows a batch of commands needs: the keys, by kind.

use super::Submission;
use crate::domain::command::Command;
use crate::domain::ids::{ItemId, OrderId, RestaurantId, ScreenId, SeatingId, SessionId, TableId, UserId};
use crate::domain::order::OrderKind;
use crate::domain::people::Actor;
use crate::store::people::Owner;
use std::collections::BTreeSet;

/// The keys that a batch needs.
#[derive(Default)]
pub struct Wanted {
    pub sessions: BTreeSet<(RestaurantId, SessionId)>,
    pub screen_sessions: BTreeSet<(RestaurantId, SessionId)>,
    pub seatings: BTreeSet<(RestaurantId, SeatingId)>,
    /// Tables whose open seating matters.
    pub tables: BTreeSet<(RestaurantId, TableId)>,
    pub orders: BTreeSet<(RestaurantId, OrderId)>,
    /// Seatings all of whose orders matter.
    pub orders_of: BTreeSet<(RestaurantId, SeatingId)>,
    pub unseen_of: BTreeSet<RestaurantId>,
    /// Restaurants where something is ordered.
    pub placed: BTreeSet<RestaurantId>,
    pub menus: BTreeSet<RestaurantId>,
    pub booked_of: BTreeSet<RestaurantId>,
    pub items: BTreeSet<(RestaurantId, ItemId)>,
    pub members: BTreeSet<(RestaurantId, UserId)>,
    pub screens: BTreeSet<(RestaurantId, ScreenId)>,
    /// Restaurants whose screens are counted.
    pub screens_of: BTreeSet<RestaurantId>,
    /// All of whose logins matter.
    pub logins_of: BTreeSet<(RestaurantId, Owner)>,
    pub pairings: BTreeSet<(RestaurantId, Vec<u8>)>,
}

impl Wanted {
    pub fn of(fresh: &[&Submission]) -> Self {
        let mut wanted = Self::default();
        for submission in fresh {
            wanted.add_actor(submission);
            wanted.add_command(submission);
        }
        wanted
    }

    /// Restaurants of which some order may reach the kitchen or change there.
    pub fn kitchens(&self) -> Vec<RestaurantId> {
        let orders = self.orders.iter().map(|(r, _)| *r).chain(self.orders_of.iter().map(|(r, _)| *r));
        orders.chain(self.placed.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn add_actor(&mut self, s: &Submission) {
        match &s.request.actor {
            Actor::Guest { seating, .. } => drop(self.seatings.insert((s.restaurant, *seating))),
            Actor::Staff { session, .. } => drop(self.sessions.insert((s.restaurant, *session))),
            Actor::Screen { session, screen, .. } => {
                self.screen_sessions.insert((s.restaurant, *session));
                self.screens.insert((s.restaurant, *screen));
            }
            Actor::Takeaway { .. } | Actor::System => {}
        }
    }

    fn add_member(&mut self, r: RestaurantId, user: UserId) {
        self.members.insert((r, user));
        self.logins_of.insert((r, Owner::Person(user)));
    }

    fn add_screens(&mut self, r: RestaurantId, screen: Option<ScreenId>) {
        self.screens.extend(screen.map(|id| (r, id)));
        self.logins_of.extend(screen.map(|id| (r, Owner::Screen(id))));
    }

    /// A seating with all its orders.
    fn add_seating(&mut self, r: RestaurantId, seating: SeatingId) {
        self.menus.insert(r);
        self.seatings.insert((r, seating));
        self.orders_of.insert((r, seating));
    }

    fn add_command(&mut self, s: &Submission) {
        let r = s.restaurant;
        if let Some(order) = s.request.command.order() {
            self.orders.insert((r, order));
            self.menus.insert(r);
        }
        match &s.request.command {
            Command::PlaceOrder(draft) => {
                self.menus.insert(r);
                self.placed.insert(r);
                self.tables.extend(draft.table.map(|t| (r, t)));
                if draft.kind == OrderKind::Takeaway {
                    self.booked_of.insert(r);
                }
            }
            Command::JoinSeating(c) => {
                self.menus.insert(r);
                self.tables.insert((r, c.table));
            }
            Command::OpenSeating(c) => {
                self.menus.insert(r);
                self.tables.insert((r, c.table));
            }
            Command::RotateCode(c) => drop(self.tables.insert((r, c.table))),
            Command::ReleaseSeating(c) => self.add_seating(r, c.seating),
            Command::CloseSeating(c) => self.add_seating(r, c.seating),
            Command::MoveSeating(c) => {
                self.tables.insert((r, c.table));
                self.add_seating(r, c.seating);
            }
            Command::CallStaff(_) | Command::PauseTakeaway(_) | Command::SetMessages(_) => drop(self.menus.insert(r)),
            Command::CallComing(c) | Command::CallDone(c) => drop(self.seatings.insert((r, c.seating))),
            Command::GivePin(_) => {
                if let Actor::Guest { seating, .. } = &s.request.actor {
                    self.menus.insert(r);
                    self.orders_of.insert((r, *seating));
                }
            }
            Command::SetItem(c) => drop(self.items.insert((r, c.item))),
            Command::SetPicture(c) => {
                self.menus.insert(r);
                self.items.insert((r, c.item));
            }
            Command::ExpireSeating(c) => self.add_seating(r, c.seating),
            Command::RevokeSession(c) => {
                self.sessions.insert((r, c.session));
                self.screen_sessions.insert((r, c.session));
            }
            Command::PairScreen(c) => {
                self.menus.insert(r);
                self.screens_of.insert(r);
                self.pairings.extend(digest(&c.code_hash).map(|hash| (r, hash)));
                self.add_screens(r, c.screen);
            }
            Command::SetScreen(c) => {
                self.menus.insert(r);
                self.add_screens(r, Some(c.screen));
            }
            Command::RevokeScreen(c) => self.add_screens(r, Some(c.screen)),
            Command::AddMember(c) | Command::SetRole(c) => self.add_member(r, c.user),
            Command::RemoveMember(c) | Command::EndLogins(c) => self.add_member(r, c.user),
            Command::MarkShown(_) => drop(self.unseen_of.insert(r)),
            Command::RaiseAlarm(c) => {
                self.menus.insert(r);
                self.orders.insert((r, c.order));
            }
            // About one order, which is wanted already.
            _ => {}
        }
    }
}

/// The digest that a command carries as text.
pub fn digest(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}
