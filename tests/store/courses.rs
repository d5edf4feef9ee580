//! Lines that wait, move and are made again: what the database keeps of them.

use super::fold::assert_rows_are_the_feed;
use super::node::Node;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::domain::command::*;
use comanda::domain::ids::StationId;
use comanda::domain::people::Actor;
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use uuid::Uuid;

#[test]
fn a_line_that_moved_is_at_its_new_station_and_at_no_other() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let order = node.orders(&fixture, &guest, &[(fixture.beer(), 1)]).await;
            let line = order.lines[0].id;
            let (from, to) = (fixture.bar(), fixture.grill());
            let wish = |to| Command::MoveLine(MoveLine { order: order.id, line, from, to });
            let nowhere = wish(StationId(Uuid::nil()));
            assert_eq!(node.refuses(&fixture, &Actor::System, nowhere).await, Code::UnknownStation);
            for _ in 0..2 {
                node.does(&fixture, &Actor::System, wish(to)).await;
            }
            let at = LineAtStation { order: order.id, line, station: Some(to) };
            node.does(&fixture, &Actor::System, Command::FinishLine(at.clone())).await;
            node.does(&fixture, &Actor::System, Command::RemakeLine(at)).await;
            node.does(&fixture, &Actor::System, Command::HoldLine(LineRef { order: order.id, line })).await;
            let kept = node.order(&fixture, order.id).await;
            let line = &kept.lines[0];
            assert_eq!(line.tasks.iter().map(|task| task.station).collect::<Vec<_>>(), [to]);
            assert_eq!((line.held, line.remakes, line.called_at.is_some()), (true, 1, true));
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}
