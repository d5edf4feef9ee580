//! Old state + events = state fetched afresh (as Zulip tests it), for everybody and every stretch of their way.

use crate::harness::dice::Dice;
use crate::harness::follower::{Follower, Home};
use crate::harness::truth::{Stretch, Truth, View};
use comanda::domain::topic::Topic;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use uuid::Uuid;

/// Somebody who followed a topic.
#[derive(Clone, Copy)]
pub struct Watcher<'a> {
    pub follower: &'a Follower,
    pub topic: Topic,
    pub token: &'a str,
}

/// What the database holds, and what it held before an older copy took its place.
#[derive(Clone, Copy)]
pub struct Histories<'a> {
    pub now: &'a Truth,
    pub former: Option<&'a Truth>,
}

impl<'a> From<&'a Truth> for Histories<'a> {
    fn from(now: &'a Truth) -> Self {
        Self { now, former: None }
    }
}

impl<'a> Histories<'a> {
    fn all(self) -> impl Iterator<Item = &'a Truth> {
        std::iter::once(self.now).chain(self.former)
    }
}

/// All boards are what the events give, and what is fetched afresh.
pub async fn boards_complaints(
    watchers: &[Watcher<'_>],
    histories: impl Into<Histories<'_>>,
    home: &Home,
    slug: &str,
) -> Vec<String> {
    let histories = histories.into();
    let truth = histories.now;
    let mut by_topic: BTreeMap<Topic, Vec<Watcher<'_>>> = BTreeMap::new();
    for watcher in watchers {
        by_topic.entry(watcher.topic).or_default().push(*watcher);
    }
    let mut complaints = Vec::new();
    for (topic, watchers) in by_topic {
        let views: Vec<View<'_>> = histories.all().map(|truth| truth.view(topic)).collect();
        // A stretch of an epoch that neither history has is the present one's to complain about.
        let judged = |s: &Stretch| views.iter().find(|view| view.epoch() == s.epoch).unwrap_or(&views[0]).complaints(s);
        let name = watchers[0].follower.topic;
        let mut fresh = Follower::new(format!("fresh {name}"), home, watchers[0].token, slug, name, Dice::new(0, 0));
        let is_there = fresh.follow_until(Duration::from_secs(10), |f| f.is_following() || f.is_over).await;
        if !is_there {
            complaints.push(format!("no fresh {name}: {}", fresh.log()));
        }
        for Watcher { follower, .. } in watchers {
            let mut found: Vec<String> = follower.stretches().iter().flat_map(judged).collect();
            // Of a table that was closed nothing can be fetched any more.
            if fresh.is_following() && !follower.is_over {
                found.extend(follower.board.differences(&fresh.board));
            }
            complaints.extend(found.into_iter().map(|what| format!("{}: {what}", follower.name)));
        }
        let afresh = fresh.stretches();
        complaints.extend(afresh.iter().filter(|s| s.upto <= truth.head).flat_map(judged));
    }
    complaints
}

/// Every command that was acknowledged has its row, once, at its seq; and no event without a command that was
/// wished or made by the server.
pub fn commands_complaints<'a>(watchers: &[Watcher<'_>], histories: impl Into<Histories<'a>>) -> Vec<String> {
    let rows: Vec<HashMap<Uuid, Vec<i64>>> = histories.into().all().map(rows_of).collect();
    let acknowledged = watchers.iter().flat_map(|watcher| &watcher.follower.acknowledged);
    let wrong = acknowledged.filter(|(id, seq)| !rows.iter().any(|rows| rows.get(id) == Some(&vec![**seq])));
    wrong.map(|(id, seq)| format!("command {id} was `ok` at {seq}, its rows are {:?}", rows[0].get(id))).collect()
}

fn rows_of(truth: &Truth) -> HashMap<Uuid, Vec<i64>> {
    let mut rows: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for row in &truth.commands {
        rows.entry(row.id).or_default().push(row.seq);
    }
    rows
}
