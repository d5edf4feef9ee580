//! Whatever people write comes back as they wrote it, in any script, through either database.

use super::house::{House, in_a_house};
use crate::harness::server::BOTH;
use serde_json::{Value, json};

const TEXTS: [&str; 16] = [
    "sin sal, por favor",
    "без лука",
    "بدون بصل",
    "ללא בצל \u{200f}(חריף)\u{200e}",
    "玉ねぎ抜き 🧅❌",
    "👨‍👩‍👧‍👦 👍🏽 🇪🇸",
    "Zalgo: h̷̢̧̛̪̪e̴̡͔̯͖ ̶̛̱c̴̢̟͙̬",
    "e\u{301} is not \u{e9}",
    "\u{202e}reversed\u{202c}",
    "zero\u{200b}width\u{feff}",
    "\u{1}\u{7f}\u{85}\u{9f} controls",
    "\u{fffe}\u{ffff}\u{10ffff}",
    "quotes \" ' ` \\ / <script>alert(1)</script>",
    "'; drop table orders; --",
    "line\nbreak\r\nand\ttab",
    "$1 {0} %s %00 \\u0041",
];

#[test]
fn any_unicode_comes_back_exactly_as_it_was_sent() {
    let leaves = ["order.placed"; TEXTS.len() + 1];
    in_a_house(&BOTH, &leaves, async |house: &House| {
        let draft = |text: &str| {
            let mut draft = house.server.draft();
            draft["note"] = json!(text);
            draft["allergy"] = json!(text);
            draft["lines"][1]["note"] = json!(text);
            draft
        };
        let longest = "🦀".repeat(500);
        for text in TEXTS.into_iter().chain([longest.as_str()]) {
            // The limit of orders by phone is not what is asked here.
            let placed = house.waiter.order(&draft(text)).await;
            let location = format!("/api/orders/{}", placed["id"].as_str().unwrap());
            let read: Value = house.cook.get(&location).await.json().await.unwrap();
            for view in [&placed, &read] {
                for said in [&view["note"], &view["allergy"], &view["lines"][1]["note"]] {
                    assert_eq!(said.as_str(), Some(text), "{text:?}");
                }
            }
        }
        let kitchen: Value = house.cook.get("/api/feed?topic=kitchen").await.json().await.unwrap();
        let shown: Vec<&Value> = kitchen["subscribed"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|part| part["snapshot"]["orders"].as_array().unwrap())
            .collect();
        let shown: Vec<&str> = shown.iter().filter_map(|order| order["note"].as_str()).collect();
        assert!(TEXTS.iter().all(|text| shown.contains(text)), "{shown:?}");
    });
}

#[test]
fn text_that_is_only_space_is_none_and_space_around_text_is_dropped() {
    in_a_house(&BOTH, &["order.placed"], async |house: &House| {
        let mut draft = house.server.draft();
        draft["note"] = json!(" \n\t\u{3000} ");
        draft["allergy"] = json!("  nuts\n");
        let placed = house.guest.order(&draft).await;
        assert_eq!((&placed["note"], placed["allergy"].as_str()), (&Value::Null, Some("nuts")));
    });
}
