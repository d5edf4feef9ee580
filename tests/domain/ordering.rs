//! From a wish to an order: everything that cannot be ordered is named, and what can is priced by the menu.

use super::making::*;
use comanda::domain::command::{Command, Contact, Draft, DraftLine};
use comanda::domain::ids::{ItemId, OptionId};
use comanda::domain::limits;
use comanda::domain::menu::{Item, Menu};
use comanda::domain::money::Totals;
use comanda::domain::order::{Channel, LineState, OrderState, TaskState};
use comanda::domain::ordering::{not_enough, place, portions, price, promised_in};
use comanda::domain::refusal::{Code, LineReason};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

/// A line that may be wrong in every way: an unknown dish, options of another dish, doubled, too many, too few.
fn any_line(menu: &Menu, item: prop::sample::Index, options: &[prop::sample::Index]) -> DraftLine {
    let mut items: Vec<ItemId> = menu.items().map(|item| item.id).collect();
    items.push(ItemId(Uuid::from_u128(0xdead)));
    let mut all: Vec<OptionId> =
        menu.items().flat_map(|i| &i.option_groups).flat_map(|g| &g.options).map(|o| o.id).collect();
    all.push(OptionId(Uuid::from_u128(0xdead)));
    let options = options.iter().map(|option| all[option.index(all.len())]).collect();
    DraftLine { item: items[item.index(items.len())], quantity: 1, options, note: None }
}

/// A menu with a draft of which nothing is sure.
fn menu_and_any_draft() -> impl Strategy<Value = (Menu, Draft)> {
    let index = any::<prop::sample::Index>;
    let lines = vec(prop_oneof![pick().prop_map(Ok), (index(), vec(index(), 0..4)).prop_map(Err)], 1..6);
    (menu(), lines).prop_map(|(menu, lines)| {
        let lines = lines.into_iter().map(|line| match line {
            Ok(pick) => good_line(&menu, pick),
            Err((item, options)) => any_line(&menu, item, &options),
        });
        let lines = lines.collect();
        (menu, draft(lines))
    })
}

/// What is wrong with a line, told without the code that prices it.
fn wrong(menu: &Menu, line: &DraftLine) -> BTreeSet<LineReason> {
    let Some(item) = menu.item(line.item) else { return BTreeSet::from([LineReason::UnknownItem]) };
    let distinct: BTreeSet<OptionId> = line.options.iter().copied().collect();
    let known: BTreeSet<OptionId> = item.option_groups.iter().flat_map(|g| &g.options).map(|o| o.id).collect();
    let mut wrong = BTreeSet::new();
    if !item.available {
        wrong.insert(LineReason::SoldOut);
    }
    if !distinct.is_subset(&known) {
        wrong.insert(LineReason::UnknownOption);
    } else if distinct.len() < line.options.len() {
        wrong.insert(LineReason::TooManyOptions);
    }
    for group in &item.option_groups {
        let chosen = group.options.iter().filter(|option| distinct.contains(&option.id));
        let count = i64::try_from(chosen.clone().count()).unwrap();
        wrong.extend((count < group.min).then_some(LineReason::TooFewOptions));
        wrong.extend((count > group.max).then_some(LineReason::TooManyOptions));
        wrong.extend(chosen.clone().any(|o| !o.available).then_some(LineReason::OptionUnavailable));
    }
    wrong
}

fn costs(item: &Item, line: &DraftLine) -> i64 {
    let options = item.option_groups.iter().flat_map(|group| &group.options);
    let extra: i64 = options.filter(|option| line.options.contains(&option.id)).map(|option| option.price).sum();
    (item.price + extra).max(0) * line.quantity
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_good_draft_is_priced_by_the_menu((menu, draft) in menu_and_draft()) {
        let priced = price(&menu, &draft, counter(0)).unwrap();
        let expected: Vec<i64> = draft.lines.iter().map(|line| costs(menu.item(line.item).unwrap(), line)).collect();
        prop_assert_eq!(priced.lines.iter().map(|line| line.price()).collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(priced.totals, Totals::of(expected.into_iter(), &menu.restaurant.settings.charges));
        prop_assert_eq!(priced.menu_version, menu.version);
        let longest = draft.lines.iter().map(|line| menu.item(line.item).unwrap().preparation_minutes).max();
        prop_assert_eq!(priced.preparation.as_secs(), u64::from(longest.unwrap()) * 60);
    }

    #[test]
    fn every_line_that_cannot_be_ordered_is_named_with_every_reason((menu, draft) in menu_and_any_draft()) {
        let wrong = draft.lines.iter().map(|line| wrong(&menu, line)).enumerate();
        let expected: Vec<(usize, BTreeSet<LineReason>)> = wrong.filter(|(_, wrong)| !wrong.is_empty()).collect();
        match price(&menu, &draft, counter(0)) {
            Ok(priced) => {
                prop_assert!(expected.is_empty());
                prop_assert_eq!(priced.lines.len(), draft.lines.len());
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.code, Code::Unavailable);
                let mut named: BTreeMap<usize, BTreeSet<LineReason>> = BTreeMap::new();
                for problem in &refusal.lines {
                    prop_assert_eq!(problem.item, draft.lines[problem.line].item);
                    named.entry(problem.line).or_default().insert(problem.reason);
                }
                prop_assert_eq!(named.into_iter().collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn another_total_than_the_guest_saw_is_refused_with_the_new_one(
        (menu, draft) in menu_and_draft(), off in -3i64..=3,
    ) {
        let total = price(&menu, &draft, counter(0)).unwrap().totals.total;
        let answer = price(&menu, &Draft { expected_total: Some(total + off), ..draft }, counter(0));
        match answer {
            Ok(_) => prop_assert_eq!(off, 0),
            Err(refusal) => {
                prop_assert_ne!(off, 0);
                prop_assert_eq!((refusal.code, refusal.total), (Code::TotalChanged, Some(total)));
            }
        }
    }

    #[test]
    fn a_placed_order_is_what_was_priced_and_some_screen_shows_every_line(
        (menu, draft) in menu_and_draft(), held in any::<bool>(),
    ) {
        let priced = price(&menu, &draft, counter(0)).unwrap();
        let order = place(&menu, &draft, priced.clone(), placement(held)).unwrap();
        let confirmed = menu.restaurant.settings.auto_confirm && !held;
        prop_assert_eq!(order.state, if confirmed { OrderState::Confirmed } else { OrderState::Pending });
        prop_assert_eq!((order.version, order.held, order.number), (1, held, 12));
        prop_assert_eq!((&order.lines, order.totals), (&priced.lines, priced.totals));
        prop_assert_eq!(order.totals, order.summed());
        let promised = promised_in(priced.preparation, menu.restaurant.settings.late_minutes);
        prop_assert_eq!(order.due_at, NOON.plus(promised));
        prop_assert!(order.due_at > NOON);
        for line in &order.lines {
            prop_assert_eq!(line.state(), LineState::Queued);
            prop_assert!(!line.tasks.is_empty() && line.tasks.iter().all(|task| task.state == TaskState::Queued));
            let known = |task: &comanda::domain::order::Task| menu.stations.iter().any(|s| s.id == task.station);
            prop_assert!(line.tasks.iter().all(known));
        }
    }

    #[test]
    fn the_contact_is_not_in_the_order((menu, draft) in menu_and_draft()) {
        let contact = Contact::phone("+34600111222", Channel::Sms);
        let draft = Draft { contact: Some(contact), ..draft };
        let priced = price(&menu, &draft, counter(0)).unwrap();
        let order = place(&menu, &draft, priced, placement(false)).unwrap();
        prop_assert_eq!(order.told_by, Some(Channel::Sms));
        prop_assert!(!serde_json::to_string(&order).unwrap().contains("600111222"));
        let logged = format!("{:?}", draft);
        prop_assert!(!logged.contains("600111222"));
    }

    /// Its event must fit a frame: an order is small, or it is refused.
    #[test]
    fn no_order_is_larger_than_its_bound(lines in 1usize..=60, note in 0usize..=500) {
        let menu = smallest_menu();
        let line = DraftLine { note: Some("é".repeat(note)), ..good_line(&menu, (prop_index(), 1, 0, false)) };
        let draft = draft(vec![line; lines]);
        let priced = price(&menu, &draft, counter(0)).unwrap();
        match place(&menu, &draft, priced, placement(false)) {
            Ok(order) => prop_assert!(serde_json::to_vec(&order).unwrap().len() <= limits::ORDER_BYTES),
            Err(refusal) => {
                prop_assert_eq!(refusal.code, Code::Invalid);
                prop_assert!(lines * (300 + 2 * note) > limits::ORDER_BYTES / 2, "a small order was refused");
            }
        }
    }

    #[test]
    fn stock_that_is_too_small_names_the_lines_that_want_it((menu, draft) in menu_and_draft(), left in 0i64..3) {
        let lines = price(&menu, &draft, counter(0)).unwrap().lines;
        let wanted = portions(&lines);
        prop_assert_eq!(wanted.values().sum::<i64>(), lines.iter().map(|line| line.quantity).sum::<i64>());
        let short = *wanted.keys().next().unwrap();
        let refusal = not_enough(&lines, &BTreeMap::from([(short, left)]));
        let named: Vec<usize> = refusal.lines.iter().map(|problem| problem.line).collect();
        let expected: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].item == short).collect();
        prop_assert_eq!(named, expected);
        let reason = if left == 0 { LineReason::SoldOut } else { LineReason::NotEnough };
        prop_assert!(refusal.lines.iter().all(|problem| problem.left == Some(left) && problem.reason == reason));
    }

    #[test]
    fn blank_notes_are_none_and_others_are_trimmed(
        (menu, draft) in menu_and_draft(), note in "[ \t\n]{0,3}[a-zé🌶]{0,5}[ \t\n]{0,3}",
    ) {
        let draft = Draft { note: Some(note.clone()), allergy: Some(note.clone()), ..draft };
        let priced = price(&menu, &draft, counter(0)).unwrap();
        let order = place(&menu, &draft, priced, placement(false)).unwrap();
        let expected = Some(note.trim()).filter(|text| !text.is_empty());
        prop_assert_eq!((order.note.as_deref(), order.allergy.as_deref()), (expected, expected));
    }

    /// One answer names every field that is wrong, and no other.
    #[test]
    fn a_check_names_every_wrong_field(
        (quantities, notes) in (vec(-2i64..=102, 0..5), vec(0usize..=600, 5)),
        options in vec(0usize..=40, 5), nul in any::<bool>(), allergy in 0usize..=600,
        phone in prop::option::of("\\+?[0-9]{0,17}"), total in prop::option::of(-5i64..5),
    ) {
        let mut expected = BTreeSet::new();
        let mut note_if = |wrong: bool, field: String| if wrong { expected.insert(field); };
        note_if(quantities.is_empty(), "lines".to_owned());
        note_if(nul, "note".to_owned());
        note_if(allergy > limits::NOTE_CHARS, "allergy".to_owned());
        note_if(phone.as_deref().is_some_and(|phone| !looks_international(phone)), "contact.phone".to_owned());
        note_if(total.is_some_and(|total| total < 0), "expected_total".to_owned());
        for (n, quantity) in quantities.iter().enumerate() {
            note_if(!(1..=99).contains(quantity), format!("lines[{n}].quantity"));
            note_if(notes[n] > limits::NOTE_CHARS, format!("lines[{n}].note"));
            note_if(options[n] > limits::LINE_OPTIONS, format!("lines[{n}].options"));
        }
        let line = |(n, quantity): (usize, i64)| DraftLine {
            item: ItemId(Uuid::nil()),
            quantity,
            options: vec![OptionId(Uuid::nil()); options[n]],
            note: Some("ñ".repeat(notes[n])),
        };
        let lines = quantities.into_iter().enumerate().map(line).collect();
        let draft = Draft {
            note: Some(if nul { "a\0b" } else { "ab" }.to_owned()),
            allergy: Some("x".repeat(allergy)),
            contact: phone.map(|phone| Contact::phone(&phone, Channel::Whatsapp)),
            expected_total: total,
            ..draft(lines)
        };
        let named: BTreeSet<String> = match Command::PlaceOrder(Box::new(draft)).check() {
            Ok(()) => BTreeSet::new(),
            Err(refusal) => refusal.fields.into_iter().map(|problem| problem.field).collect(),
        };
        prop_assert_eq!(named, expected);
    }

    #[test]
    fn a_draft_has_at_most_sixty_lines(lines in 1usize..=70) {
        let line = DraftLine { item: ItemId(Uuid::nil()), quantity: 1, options: Vec::new(), note: None };
        let checked = Command::PlaceOrder(Box::new(draft(vec![line; lines]))).check();
        prop_assert_eq!(checked.is_ok(), lines <= 60);
    }
}

/// E.164, as ITU-T writes it: a plus, no leading zero, at most fifteen digits.
fn looks_international(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or("");
    (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()) && !digits.starts_with('0')
}

fn smallest_menu() -> Menu {
    use proptest::strategy::ValueTree;
    let mut menu = menu().new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap().current();
    menu.categories[0].items.truncate(1);
    menu
}

fn prop_index() -> prop::sample::Index {
    use proptest::strategy::ValueTree;
    any::<prop::sample::Index>().new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap().current()
}

#[test]
fn a_restaurant_without_a_station_takes_no_order() {
    let mut menu = smallest_menu();
    menu.stations.clear();
    let draft = draft(vec![good_line(&menu, (prop_index(), 1, 0, false))]);
    assert_eq!(price(&menu, &draft, counter(0)).unwrap_err().code, Code::NoStation);
}

#[test]
fn an_order_without_preparation_times_is_promised_when_it_would_be_late() {
    assert_eq!(promised_in(Duration::ZERO, 15), Duration::from_secs(900));
    assert_eq!(promised_in(Duration::from_secs(60), 15), Duration::from_secs(60));
}
