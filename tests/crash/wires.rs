//! What networks do to the people of a server that is well: their wires are cut, held up, slow, half closed, and
//! carry a byte at a time. They find out and come back; nothing is lost, nothing doubled.

use super::crowd::{Crowd, Size};
use super::killed::{BUSY, PATIENT, UNLIMITED};
use crate::harness::process::Site;
use crate::harness::proxy::{Proxy, Wire};
use crate::harness::run;
use crate::harness::server::Kind;
use std::time::Duration;

const SIZE: Size = Size { guests: 16, cooks: 3, waiters: 3, pause: 90, taps: 80 };
const SOON: Duration = Duration::from_secs(30);
const ORDERS: u64 = 25;
/// Whoever hears nothing for so long tries another connection.
const SILENCE: Duration = Duration::from_secs(3);

#[test]
fn whatever_happens_on_the_wires_of_a_crowd_nothing_is_lost() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", &UNLIMITED.replace(BUSY, PATIENT));
        let _server = site.serve().await;
        let wires = Proxy::to(site.port).await;
        // What people believe the server to be.
        let mut outside = site.beside();
        outside.port = wires.port;
        let client = reqwest::Client::builder().timeout(SILENCE).pool_idle_timeout(Duration::from_secs(1));
        let client = client.build().expect("client");
        let crowd = Crowd::gather_among(&[&outside], 61, SIZE, (client, SILENCE)).await;
        for (how, time) in [
            (Wire::Cut, 500),
            (Wire::Held, 4000),
            (Wire::HalfHeld, 4000),
            (Wire::Slow(Duration::from_millis(80)), 1500),
            (Wire::HalfClosed, 500),
            (Wire::Trickling(Duration::from_millis(2)), 2500),
        ] {
            crowd.expect_orders(ORDERS, SOON).await;
            wires.set(how);
            tokio::time::sleep(Duration::from_millis(time)).await;
            wires.set(Wire::Whole);
        }
        crowd.expect_orders(ORDERS, SOON).await;
        let rest = crowd.come_to_rest().await;
        rest.expect_nothing_wrong("wires", &site);
        assert!(rest.counts.lost > 0 && rest.retried > 0, "nobody was disturbed");
        assert!(rest.counts.replays > 0, "nobody came back by cursor");
    });
}
