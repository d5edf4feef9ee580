//! From what a guest wants to an order: checked against one menu, priced by it, never by the phone.

use super::command::{Draft, DraftLine};
use super::ids::{GuestId, ItemId, LineId, OptionId, OrderId, SeatingId};
use super::limits;
use super::menu::{Item, Menu, OptionGroup};
use super::money::Totals;
use super::order::{ChosenOption, Line, Order, OrderState, Task, TaskState};
use super::people::By;
use super::refusal::{Code, LineProblem, LineReason, Refusal};
use super::restaurant::TableRef;
use super::takeaway::{Pickup, Work};
use super::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// An order's lines as one menu prices them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The menu that priced it; a newer one prices again, under the lock.
    pub menu_version: i64,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// The longest preparation of its items.
    pub preparation: Duration,
    /// The preparation of all portions together.
    pub make_minutes: i64,
}

impl Priced {
    #[must_use]
    pub fn work(&self) -> Work {
        Work { preparation: self.preparation, minutes: self.make_minutes }
    }
}

/// Where and from whom an order comes, and the ids and time it gets.
#[derive(Clone, Debug)]
pub struct Placement {
    pub order: OrderId,
    pub number: i64,
    pub table: Option<TableRef>,
    pub seating: Option<SeatingId>,
    pub guest: Option<GuestId>,
    pub by: By,
    /// The gate has not let it yet.
    pub held: bool,
    /// The time that was agreed.
    pub pickup: Option<Pickup>,
    pub at: Timestamp,
}

/// Checks and prices a draft. `new_id` gives each line its id.
///
/// # Errors
/// `unavailable` with every line that cannot be ordered, `total_changed`, `no_station`, `invalid` when
/// the encoded order would be too large.
pub fn price(menu: &Menu, draft: &Draft, mut new_id: impl FnMut() -> Uuid) -> Result<Priced, Refusal> {
    if menu.stations.is_empty() {
        return Err(Refusal::new(
            Code::NoStation,
            "This restaurant has no kitchen station yet, so nobody would see the order.",
        ));
    }
    let index = menu.index();
    let mut problems = Vec::new();
    let mut lines = Vec::with_capacity(draft.lines.len());
    let (mut preparation, mut make_minutes) = (0, 0);
    for (n, wanted) in draft.lines.iter().enumerate() {
        let Some(item) = index.get(&wanted.item) else {
            problems.push(problem(n, wanted, LineReason::UnknownItem, "This dish is no longer on the menu."));
            continue;
        };
        let before = problems.len();
        let options = choose(n, wanted, item, &mut problems);
        if problems.len() == before {
            preparation = preparation.max(item.preparation_minutes);
            make_minutes += i64::from(item.preparation_minutes) * wanted.quantity;
            lines.push(line(menu, item, wanted, options, LineId(new_id())));
        }
    }
    if !problems.is_empty() {
        return Err(Refusal {
            lines: problems,
            ..Refusal::new(Code::Unavailable, "Some of this cannot be ordered right now.")
        });
    }
    let totals = Totals::of(lines.iter().map(Line::price), &menu.restaurant.settings.charges);
    if draft.expected_total.is_some_and(|expected| expected != totals.total) {
        let total = Some(totals.total);
        return Err(Refusal {
            total,
            ..Refusal::new(
                Code::TotalChanged,
                "The price has changed since you read the menu. Check the new total, then order again.",
            )
        });
    }
    Ok(Priced {
        menu_version: menu.version,
        lines,
        totals,
        preparation: Duration::from_secs(u64::from(preparation) * 60),
        make_minutes,
    })
}

/// Portions of each item that an order takes from a counted stock.
#[must_use]
pub fn portions(lines: &[Line]) -> BTreeMap<ItemId, i64> {
    let mut portions = BTreeMap::new();
    for line in lines {
        *portions.entry(line.item).or_insert(0) += line.quantity;
    }
    portions
}

/// The refusal of lines whose stock is smaller than what they want.
#[must_use]
pub fn not_enough(lines: &[Line], left: &BTreeMap<ItemId, i64>) -> Refusal {
    let problems = lines
        .iter()
        .enumerate()
        .filter_map(|(n, line)| left.get(&line.item).map(|left| (n, line, *left)))
        .map(|(n, line, left)| LineProblem {
            line: n,
            item: line.item,
            reason: if left == 0 { LineReason::SoldOut } else { LineReason::NotEnough },
            group: None,
            option: None,
            left: Some(left),
            message: if left == 0 { "Just sold out, sorry.".to_owned() } else { format!("Only {left} left.") },
        })
        .collect();
    Refusal { lines: problems, ..Refusal::new(Code::Unavailable, "Some of this cannot be ordered right now.") }
}

/// Makes the order.
///
/// # Errors
/// `invalid` if it would not fit an event.
pub fn place(menu: &Menu, draft: &Draft, priced: Priced, placement: Placement) -> Result<Order, Refusal> {
    let settings = &menu.restaurant.settings;
    let at = placement.at;
    let start_at = placement.pickup.and_then(|pickup| pickup.start_at);
    let confirmed = settings.auto_confirm && !placement.held && start_at.is_none();
    let promised = at.plus(promised_in(priced.preparation, settings.late_minutes));
    let order = Order {
        id: placement.order,
        number: placement.number,
        kind: draft.kind,
        state: if confirmed { OrderState::Confirmed } else { OrderState::Pending },
        version: 1,
        table: placement.table,
        seating: placement.seating,
        guest: placement.guest,
        placed_by: placement.by,
        held: placement.held,
        note: trimmed(draft.note.as_deref()),
        allergy: trimmed(draft.allergy.as_deref()),
        allergy_confirmed_at: None,
        rush: false,
        told_by: draft
            .contact
            .as_ref()
            .map(|contact| contact.channel)
            .filter(|channel| menu.restaurant.settings.messages.channels.takes(*channel)),
        told: None,
        placed_at: at,
        due_at: placement.pickup.map_or(promised, |pickup| pickup.at),
        pickup_at: placement.pickup.map(|pickup| pickup.at),
        start_at,
        expected: None,
        confirmed_at: confirmed.then_some(at),
        started_at: None,
        ready_at: None,
        completed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        totals: priced.totals,
        charges: settings.charges,
        lines: priced.lines,
    };
    let bytes = serde_json::to_vec(&order).map_or(usize::MAX, |json| json.len());
    if bytes > limits::ORDER_BYTES {
        return Err(Refusal::new(Code::Invalid, "This order is too large to send at once. Send it in two parts."));
    }
    Ok(order)
}

/// How long after it reaches the kitchen an order is promised before anything is known of the kitchen.
#[must_use]
pub fn promised_in(preparation: Duration, late_minutes: u16) -> Duration {
    if preparation.is_zero() { Duration::from_secs(u64::from(late_minutes) * 60) } else { preparation }
}

fn choose(n: usize, wanted: &DraftLine, item: &Item, problems: &mut Vec<LineProblem>) -> Vec<ChosenOption> {
    if !item.available {
        problems.push(problem(n, wanted, LineReason::SoldOut, "Just sold out, sorry."));
    }
    let mut chosen = Vec::with_capacity(wanted.options.len());
    for group in &item.option_groups {
        let mut in_group = 0;
        for option in group.options.iter().filter(|option| wanted.options.contains(&option.id)) {
            in_group += 1;
            if !option.available {
                let p = problem(n, wanted, LineReason::OptionUnavailable, "This choice is sold out.");
                problems.push(LineProblem { group: Some(group.id), option: Some(option.id), ..p });
            }
            chosen.push(ChosenOption { id: option.id, name: option.name.clone(), price: option.price });
        }
        check_count(n, wanted, group, in_group, problems);
    }
    let unknown = |id: &OptionId| !chosen.iter().any(|option| option.id == *id);
    let doubled = wanted.options.len() > chosen.len() && !wanted.options.iter().any(unknown);
    for id in wanted.options.iter().filter(|id| unknown(id)) {
        let p = problem(n, wanted, LineReason::UnknownOption, "This choice does not belong to this dish.");
        problems.push(LineProblem { option: Some(*id), ..p });
    }
    if doubled {
        problems.push(problem(n, wanted, LineReason::TooManyOptions, "A choice was sent twice."));
    }
    chosen
}

fn check_count(n: usize, wanted: &DraftLine, group: &OptionGroup, count: i64, problems: &mut Vec<LineProblem>) {
    let (reason, message) = if count < group.min {
        (LineReason::TooFewOptions, format!("Choose at least {}.", group.min))
    } else if count > group.max {
        (LineReason::TooManyOptions, format!("Choose at most {}.", group.max))
    } else {
        return;
    };
    problems.push(LineProblem { group: Some(group.id), ..problem(n, wanted, reason, &message) });
}

fn line(menu: &Menu, item: &Item, wanted: &DraftLine, options: Vec<ChosenOption>, id: LineId) -> Line {
    let extra = options.iter().fold(0i64, |sum, option| sum.saturating_add(option.price));
    Line {
        id,
        item: item.id,
        name: item.name.clone(),
        kitchen_name: item.kitchen_name.clone(),
        quantity: wanted.quantity,
        options,
        note: trimmed(wanted.note.as_deref()),
        unit_price: item.price.saturating_add(extra).max(0),
        changed: 0,
        void_reason: None,
        held: false,
        called_at: None,
        remakes: 0,
        tasks: menu
            .stations_of(item)
            .into_iter()
            .map(|station| Task { station, state: TaskState::Queued, started_at: None, done_at: None })
            .collect(),
    }
}

fn problem(line: usize, wanted: &DraftLine, reason: LineReason, message: &str) -> LineProblem {
    LineProblem { line, item: wanted.item, reason, group: None, option: None, left: None, message: message.to_owned() }
}

fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
