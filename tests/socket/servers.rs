//! Several Redis servers: each restaurant's news goes over one of them, by hash; while one is away, only the
//! restaurants of that one are looked after otherwise.

use super::hand::eventually;
use crate::harness::people::{Person, draft};
use crate::harness::redis::TestRedis;
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;

/// Restaurants at most until both servers have one: by chance, all of so many never lie on one side.
const RESTAURANTS: usize = 64;

/// Feeds that somebody listens to over this server.
fn feeds(redis: &TestRedis) -> usize {
    let count = redis.ask("PUBSUB CHANNELS comanda:feed:*").and_then(|answer| answer.strip_prefix('*')?.parse().ok());
    count.expect("a count")
}

#[test]
fn news_goes_over_several_redis_servers_by_restaurant_and_survives_one_of_them() {
    run(async {
        let mut servers = [TestRedis::start(), TestRedis::start()];
        let bus = format!("[bus]\nredis = [\"{}\", \"{}\"]\n", servers[0].url(), servers[1].url());
        let server = TestServer::start_with(Kind::Postgres, GateRule::None, &bus, Clock::system()).await;
        let other = comanda::app::start(&server.place.config(&bus), Clock::system()).await.expect("another node");
        let mut houses = vec![server.fixture.clone()];
        let mut screens = Vec::new();
        // At least two for each server.
        while screens.len() < 4 || servers.iter().any(|redis| feeds(redis) < 2) {
            let house = houses.last().expect("one").clone();
            let waiter = server.staff_of(&house, Role::Waiter).await;
            let there = Person { base: format!("http://{}", other.address), ..waiter.clone() };
            screens.push((house, waiter, Socket::subscribed(&there, "kitchen").await));
            assert!(screens.len() < RESTAURANTS, "one server has all restaurants");
            houses.push(server.add(&format!("olive-{}", screens.len()), GateRule::None).await);
        }
        assert_eq!(servers.iter().map(feeds).sum::<usize>(), screens.len(), "each feed is at one server");
        order_everywhere(&mut screens).await;
        servers[0].kill();
        order_everywhere(&mut screens).await;
        let metrics = async || server.client.get(server.url("/metrics")).send().await.unwrap().text().await.unwrap();
        let is_silent = |server: usize| format!("comanda_bus_silent{{server=\"{server}\"}} 1");
        eventually("the dead one is told", async || metrics().await.contains(&is_silent(0))).await;
        assert!(!metrics().await.contains(&is_silent(1)), "the living one is not");
        let served = feeds(&servers[1]);
        servers[0].restart();
        eventually("all are listened to", async || feeds(&servers[0]) + served == screens.len()).await;
        order_everywhere(&mut screens).await;
        other.stop().await;
        server.stop().await;
    });
}

/// An order in each restaurant at one node comes to its screen at the other.
async fn order_everywhere(screens: &mut [(crate::harness::restaurant::Fixture, Person, Socket)]) {
    for (house, waiter, screen) in screens {
        let mut draft = draft(house);
        draft["table"] = serde_json::json!(house.tables[0].id);
        let order = waiter.order(&draft).await;
        let came = screen.until(|message| message["kind"] == "order.placed").await;
        assert_eq!(came["order"]["id"], order["id"]);
    }
}
