//! Commands on who may come in: logins, screens, and people's places in the restaurant.

use super::{Case, Decision, Done, World, at_least};
use crate::domain::command::{MemberRole, PairScreen, RevokeSession, SetScreen};
use crate::domain::event::{Kind, NewEvent, State};
use crate::domain::ids::{RestaurantId, ScreenId, StationId, UserId};
use crate::domain::limits::SCREENS;
use crate::domain::people::{Actor, Member, Role, Screen};
use crate::domain::refusal::{Code, Refusal};
use crate::store::committer::load::{Entry, digest};
use crate::store::people::Owner;

/// Ends one login.
pub fn revoke_session(world: &mut World, case: &Case<'_>, command: &RevokeSession) -> Decision {
    if case.submission.request.actor.session() != Some(command.session) {
        at_least(case, Role::Manager)?;
    }
    let Some(entry) = world.sessions.get_mut(&(case.submission.restaurant, command.session)) else {
        return Err(Refusal::new(Code::UnknownSession, "There is no such login."));
    };
    let done = Done::of(command.session.0);
    if entry.now.revoked_at.is_some() {
        return Ok(done);
    }
    entry.now.revoked_at = Some(case.at);
    Ok(done.event(Kind::SessionRevoked, State::Session { session: command.session }))
}

/// Ends all logins of a person or screen. Each is told: that is what closes its sockets on every node (W8).
fn end_all(world: &mut World, case: &Case<'_>, owner: Owner) -> Vec<NewEvent> {
    let r = case.submission.restaurant;
    let live = world.sessions.values_mut().map(|entry| &mut entry.now);
    let mut ending: Vec<_> = live.filter(|s| s.restaurant == r && s.owner == owner && s.revoked_at.is_none()).collect();
    ending.sort_by_key(|session| session.id);
    let mut events = Vec::with_capacity(ending.len());
    for session in ending {
        session.revoked_at = Some(case.at);
        // One that is over has no token left to be told of.
        if session.expires_at > case.at {
            events.push(NewEvent { kind: Kind::SessionRevoked, state: State::Session { session: session.id } });
        }
    }
    world.ended.push((r, owner, case.at));
    events
}

/// A manager confirms the code that a screen shows. The code works once, whoever else typed it.
pub fn pair_screen(world: &mut World, case: &Case<'_>, command: &PairScreen) -> Decision {
    at_least(case, Role::Manager)?;
    let r = case.submission.restaurant;
    let wrong = || Refusal::new(Code::WrongCode, "No screen shows this code (any more). Ask the screen for a new one.");
    let key = (r, digest(&command.code_hash).ok_or_else(wrong)?);
    let open = world.pairings.get(&key).is_some_and(|e| e.now.screen.is_none() && e.now.expires_at > case.at);
    if !open {
        return Err(wrong());
    }
    known_stations(world, r, &command.stations)?;
    let (screen, ended) = match command.screen {
        Some(id) => {
            let before = world.screens.get(&(r, id)).ok_or_else(unknown_screen)?.now.clone();
            let version = before.version + 1;
            (Screen { version, ..screen_of(id, &command.name, &command.stations, case) }, Some(Owner::Screen(id)))
        }
        None => (screen_of(ScreenId((case.source.id)()), &command.name, &command.stations, case), None),
    };
    let others =
        world.screens.iter().filter(|((of, id), e)| *of == r && *id != screen.id && e.now.revoked_at.is_none());
    if others.count() >= SCREENS {
        let message = format!("A restaurant has at most {SCREENS} screens. Revoke one that is gone.");
        return Err(Refusal::new(Code::TooManyScreens, message));
    }
    if let Some(pairing) = world.pairings.get_mut(&key) {
        pairing.now.screen = Some(screen.id);
    }
    let events = ended.map(|owner| end_all(world, case, owner)).unwrap_or_default();
    Ok(save_screen(world, r, screen, Kind::ScreenPaired, events))
}

fn screen_of(id: ScreenId, name: &str, stations: &[StationId], case: &Case<'_>) -> Screen {
    let name = name.trim().to_owned();
    Screen { id, name, stations: stations.to_vec(), version: 1, paired_at: case.at, revoked_at: None }
}

/// A new name, other stations.
pub fn set_screen(world: &mut World, case: &Case<'_>, command: &SetScreen) -> Decision {
    at_least(case, Role::Manager)?;
    let r = case.submission.restaurant;
    let before = paired(world, r, command.screen)?;
    known_stations(world, r, &command.stations)?;
    let name = command.name.trim().to_owned();
    if before.name == name && before.stations == command.stations {
        return Ok(Done::of(before.id.0));
    }
    let screen = Screen { name, stations: command.stations.clone(), version: before.version + 1, ..before };
    Ok(save_screen(world, r, screen, Kind::ScreenChanged, Vec::new()))
}

/// Sends a screen away, until it is paired again.
pub fn revoke_screen(world: &mut World, case: &Case<'_>, id: ScreenId) -> Decision {
    at_least(case, Role::Manager)?;
    let r = case.submission.restaurant;
    let before = world.screens.get(&(r, id)).ok_or_else(unknown_screen)?.now.clone();
    if before.revoked_at.is_some() {
        return Ok(Done::of(id.0));
    }
    let screen = Screen { revoked_at: Some(case.at), version: before.version + 1, ..before };
    let events = end_all(world, case, Owner::Screen(id));
    Ok(save_screen(world, r, screen, Kind::ScreenRevoked, events))
}

fn save_screen(world: &mut World, r: RestaurantId, screen: Screen, kind: Kind, ended: Vec<NewEvent>) -> Done {
    match world.screens.get_mut(&(r, screen.id)) {
        Some(entry) => entry.now = screen.clone(),
        None => drop(world.screens.insert((r, screen.id), Entry::new(screen.clone()))),
    }
    Done { events: ended, ..Done::of(screen.id.0) }.event(kind, State::Screen { screen })
}

fn paired(world: &World, r: RestaurantId, id: ScreenId) -> Result<Screen, Refusal> {
    let screen = world.screens.get(&(r, id)).map(|entry| &entry.now);
    screen.filter(|screen| screen.revoked_at.is_none()).cloned().ok_or_else(unknown_screen)
}

fn known_stations(world: &World, r: RestaurantId, stations: &[StationId]) -> Result<(), Refusal> {
    let menu = world.menu(r).map_err(|_| unknown_screen())?;
    if stations.iter().all(|id| menu.stations.iter().any(|station| station.id == *id)) {
        return Ok(());
    }
    Err(Refusal::new(Code::UnknownStation, "There is no such station."))
}

fn unknown_screen() -> Refusal {
    Refusal::new(Code::UnknownScreen, "There is no such screen.")
}

/// Gives somebody a place; one who had one before gets it back.
pub fn add(world: &mut World, case: &Case<'_>, command: &MemberRole) -> Decision {
    let actor = &case.submission.request.actor;
    actor.may_grant(command.role)?;
    let key = (case.submission.restaurant, command.user);
    let before = world.members.get(&key).map(|entry| entry.now.clone());
    let version = match before {
        Some(member) if member.removed_at.is_none() => {
            return Err(Refusal::new(Code::AlreadyMember, "This person works here already."));
        }
        // Who was somebody higher up comes back through somebody as high.
        Some(member) => {
            actor.may_manage(&member)?;
            member.version + 1
        }
        None => 1,
    };
    let member = Member { user: command.user, role: command.role, version, removed_at: None };
    Ok(save_member(world, case, member))
}

/// Another role. The logins end: tokens say what their owner may, and these say too much or too little.
pub fn set_role(world: &mut World, case: &Case<'_>, command: &MemberRole) -> Decision {
    let before = managed(world, case, command.user)?;
    case.submission.request.actor.may_grant(command.role)?;
    if before.role == command.role {
        return Ok(Done::of(command.user.0));
    }
    Ok(save_member(world, case, Member { role: command.role, version: before.version + 1, ..before }))
}

/// The person works here no longer.
pub fn remove(world: &mut World, case: &Case<'_>, user: UserId) -> Decision {
    let before = managed(world, case, user)?;
    Ok(save_member(world, case, Member { removed_at: Some(case.at), version: before.version + 1, ..before }))
}

/// Ends somebody's logins, and those that are just being begun: the password was replaced.
pub fn end_logins(world: &mut World, case: &Case<'_>, user: UserId) -> Decision {
    let before = managed(world, case, user)?;
    Ok(save_member(world, case, Member { version: before.version + 1, ..before }))
}

/// Somebody who works here, and whom the sender may manage.
fn managed(world: &World, case: &Case<'_>, user: UserId) -> Result<Member, Refusal> {
    let actor = &case.submission.request.actor;
    at_least(case, Role::Manager)?;
    let member = world.members.get(&(case.submission.restaurant, user)).map(|entry| entry.now.clone());
    let member = member.filter(|member| member.removed_at.is_none());
    let member = member.ok_or_else(|| Refusal::new(Code::UnknownMember, "Nobody of that id works here."))?;
    match actor {
        Actor::System => {}
        Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } => {
            actor.may_manage(&member)?;
        }
    }
    Ok(member)
}

fn save_member(world: &mut World, case: &Case<'_>, member: Member) -> Done {
    let r = case.submission.restaurant;
    let events = end_all(world, case, Owner::Person(member.user));
    match world.members.get_mut(&(r, member.user)) {
        Some(entry) => entry.now = member.clone(),
        None => drop(world.members.insert((r, member.user), Entry::new(member.clone()))),
    }
    let done = Done { events, ..Done::of(member.user.0) };
    done.event(Kind::StaffChanged, State::Member { member })
}
