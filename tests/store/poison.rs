//! A command that the database refuses though the domain accepted it: the batch is halved until the culprit
//! stands alone; it is refused, and nobody else notices.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, accepted, draft, join, refused, wish};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind as Database, Place};
use comanda::domain::command::{Command, Draft};
use comanda::domain::event::Kind;
use comanda::domain::menu::Item;
use comanda::domain::people::Actor;
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::store::committer::Submission;

/// Postgres takes no U+0000 in a text; SQLite does, so its table gets a rule of the test's own.
const POISON: &str = "a\0b";

async fn make_poisonous(place: &Place) {
    if place.kind == Database::Sqlite {
        let rule = "create trigger no_poison before insert on orders when instr(cast(new.note as blob), x'00') > 0 \
                    begin select raise(abort, 'poison'); end";
        Raw::open(place).await.run(rule).await;
    }
}

fn with_note(fixture: &Fixture, item: &Item, note: &str) -> Submission {
    let draft = Draft { note: Some(note.to_owned()), ..draft(&[(item, 1)]) };
    wish(fixture, &Actor::System, Command::PlaceOrder(Box::new(draft)))
}

#[test]
fn a_command_that_the_database_refuses_is_refused_alone() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let (olive, lemon) =
                (node.restaurant("olive", GateRule::None).await, node.restaurant("lemon", GateRule::None).await);
            make_poisonous(&place).await;
            let mut batch = Vec::new();
            for n in 0..8 {
                let of = if n % 2 == 0 { &olive } else { &lemon };
                batch.push(if n == 5 { with_note(of, of.beer(), POISON) } else { with_note(of, of.beer(), "no salt") });
            }
            let culprit = batch[5].clone();
            let mut answers = node.batch(batch).await;
            assert_eq!(refused(answers.remove(5)).code, Code::Unwritable);
            for answer in answers {
                accepted(answer);
            }
            assert_eq!(node.counts.halved(), 3, "8 → 4 → 2 → 1");
            for (fixture, placed) in [(&olive, 4), (&lemon, 3)] {
                let history = assert_rows_are_the_feed(&node, fixture).await;
                assert_eq!(count(&history, Kind::OrderPlaced), placed);
                assert_eq!(node.published(fixture.id()), history);
                let left = 5 - i64::try_from(placed).unwrap();
                assert_eq!(node.stock(fixture, fixture.beer()).await, (true, Some(left)), "it took a portion");
            }
            assert_eq!(refused(node.submit(culprit).await).code, Code::Unwritable, "alone it is as bad");
            assert_eq!(node.counts.halved(), 3, "one command cannot be halved");
            let next = node.does(&olive, &Actor::System, join(&olive, 0)).await;
            assert!(next.seating.is_some(), "the writer goes on");
        });
    }
}

#[test]
fn several_culprits_are_found_each_by_itself() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            make_poisonous(&place).await;
            let bad = [0, 6, 7];
            let batch =
                (0..8).map(|n| with_note(&fixture, fixture.fries(), if bad.contains(&n) { POISON } else { "mild" }));
            let batch = batch.collect();
            for (n, answer) in node.batch(batch).await.into_iter().enumerate() {
                if bad.contains(&n) {
                    assert_eq!(refused(answer).code, Code::Unwritable);
                } else {
                    accepted(answer);
                }
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::OrderPlaced), 5);
        });
    }
}
