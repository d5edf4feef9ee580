//! The shape of `config/demo.toml`: a whole restaurant as text, with keys where the database has ids.
//! It only reads; whoever seeds the demo turns keys into ids and writes rows. It knows no clock, no
//! database and no file: the text is given. The tests below hold the file to what a seeder relies on.

use crate::domain::money::{Charges, Currency};
use crate::domain::people::Role;
use crate::domain::restaurant::GateRule;
use crate::domain::takeaway::{Open, Takeaway};
use serde::Deserialize;

/// Everything in the file. Lists are in the order they are shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoFile {
    /// The one password of all demo staff.
    pub staff_password: String,
    pub restaurant: DemoRestaurant,
    #[serde(rename = "station")]
    pub stations: Vec<DemoStation>,
    #[serde(rename = "table")]
    pub tables: Vec<DemoTable>,
    pub staff: Vec<DemoStaff>,
    #[serde(rename = "option_group")]
    pub option_groups: Vec<DemoOptionGroup>,
    #[serde(rename = "category")]
    pub categories: Vec<DemoCategory>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoRestaurant {
    pub slug: String,
    pub name: String,
    /// IANA name.
    pub timezone: String,
    pub currency: Currency,
    /// The first is the default.
    pub locales: Vec<String>,
    pub gate: GateRule,
    pub auto_confirm: bool,
    pub charges: Charges,
    pub takeaway: Takeaway,
    pub hours: Vec<Open>,
}

/// A text in the demo's two languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub en: String,
    pub es: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoStation {
    pub key: String,
    pub name: Names,
    pub position: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoTable {
    pub label: String,
    pub area: String,
    pub seats: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoStaff {
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// Written once, named by any number of items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoOptionGroup {
    pub key: String,
    pub name: Names,
    pub min: i64,
    pub max: i64,
    #[serde(rename = "option")]
    pub options: Vec<DemoOption>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoOption {
    /// Unique in its group only.
    #[cfg_attr(not(test), expect(dead_code, reason = "names the option for whoever edits the file"))]
    pub key: String,
    pub name: Names,
    /// Minor units, added to the item's price.
    pub price: i64,
    #[serde(default)]
    pub allergens: DemoAllergens,
}

/// The EU's fourteen by name; one that is in no list was never asked about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DemoAllergens {
    pub contains: Vec<String>,
    pub safe: Vec<String>,
    pub unconfirmed: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoCategory {
    #[cfg_attr(not(test), expect(dead_code, reason = "names the category for whoever edits the file"))]
    pub key: String,
    pub name: Names,
    #[serde(rename = "item")]
    pub items: Vec<DemoItem>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoItem {
    /// Unique in the whole file.
    pub key: String,
    pub name: Names,
    #[serde(default)]
    pub kitchen_name: Option<String>,
    pub description: Names,
    /// Minor units.
    pub price: i64,
    pub allergens: DemoAllergens,
    pub diets: Vec<String>,
    pub preparation_minutes: u16,
    /// Keys of stations, at least one.
    pub stations: Vec<String>,
    /// Keys of option groups, in the order they are asked.
    pub option_groups: Vec<String>,
    #[serde(default = "on_the_menu")]
    pub available: bool,
    /// Portions left, when they are counted.
    #[serde(default)]
    pub stock: Option<i64>,
}

fn on_the_menu() -> bool {
    true
}

/// Reads the file's text.
///
/// # Errors
/// What the text gets wrong: its TOML, a missing or unknown field, a value of the wrong kind.
pub fn parse(text: &str) -> Result<DemoFile, String> {
    config::Config::builder()
        .add_source(config::File::from_str(text, config::FileFormat::Toml))
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const TEXT: &str = include_str!("../../config/demo.toml");
    const ALLERGENS: [&str; 14] = [
        "gluten",
        "crustaceans",
        "eggs",
        "fish",
        "peanuts",
        "soybeans",
        "milk",
        "nuts",
        "celery",
        "mustard",
        "sesame",
        "sulphites",
        "lupin",
        "molluscs",
    ];
    const ANIMAL: [&str; 5] = ["crustaceans", "eggs", "fish", "milk", "molluscs"];

    fn demo() -> DemoFile {
        parse(TEXT).expect("config/demo.toml is a demo restaurant")
    }

    fn items(demo: &DemoFile) -> impl Iterator<Item = &DemoItem> {
        demo.categories.iter().flat_map(|category| &category.items)
    }

    fn groups(demo: &DemoFile) -> BTreeMap<&str, &DemoOptionGroup> {
        demo.option_groups.iter().map(|group| (group.key.as_str(), group)).collect()
    }

    /// Fails on a key that comes twice or is no short ascii word.
    fn assert_keys<'a>(what: &str, keys: impl IntoIterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(!key.is_empty() && key.len() <= 20 && key.chars().all(word), "{what} key `{key}`");
            assert!(seen.insert(key), "{what} key `{key}` comes twice");
        }
    }

    fn assert_written(what: &str, names: &Names) {
        for text in [&names.en, &names.es] {
            assert!(!text.is_empty() && text.trim() == text, "{what}: `{text}`");
        }
    }

    fn assert_allergens(what: &str, allergens: &DemoAllergens) {
        let mut seen = BTreeSet::new();
        for name in [&allergens.contains, &allergens.safe, &allergens.unconfirmed].into_iter().flatten() {
            assert!(ALLERGENS.contains(&name.as_str()), "{what}: `{name}` is none of the fourteen");
            assert!(seen.insert(name), "{what}: `{name}` is said twice");
        }
    }

    #[test]
    fn the_demo_is_a_whole_restaurant() {
        let demo = demo();
        assert_eq!(demo.restaurant.slug, "casa-oliva");
        assert_eq!(demo.restaurant.gate, GateRule::None);
        assert!(demo.restaurant.auto_confirm && demo.restaurant.charges.tax_included);
        assert_eq!(demo.restaurant.charges.tax_basis_points, 1000);
        assert_eq!(demo.restaurant.locales, ["en", "es"]);
        assert_eq!(demo.categories.len(), 8);
        assert!(items(&demo).count() >= 64, "{} items", items(&demo).count());
        assert!(demo.option_groups.len() >= 14);
        assert_eq!((demo.stations.len(), demo.tables.len()), (5, 12));
        assert!(demo.tables.iter().all(|table| (2..=8).contains(&table.seats) && !table.area.is_empty()));
        assert!(!demo.staff_password.is_empty());
        for role in [Role::Kitchen, Role::Waiter, Role::Manager, Role::Admin] {
            assert!(demo.staff.iter().any(|person| person.role == role), "nobody is {}", role.name());
        }
        assert!(
            demo.staff.iter().all(|person| !person.name.is_empty() && person.email.ends_with("@casa-oliva.example"))
        );
    }

    #[test]
    fn the_demo_shows_sold_out_counted_and_shared_items() {
        let demo = demo();
        assert!(items(&demo).any(|item| !item.available));
        assert!(items(&demo).any(|item| item.stock.is_some_and(|left| (1..10).contains(&left))));
        assert!(items(&demo).any(|item| item.stations.len() == 2));
        assert!(items(&demo).any(|item| !item.allergens.unconfirmed.is_empty()));
    }

    #[test]
    fn keys_are_unique_short_words() {
        let demo = demo();
        assert_keys("station", demo.stations.iter().map(|station| &station.key));
        assert_keys("option group", demo.option_groups.iter().map(|group| &group.key));
        assert_keys("category", demo.categories.iter().map(|category| &category.key));
        assert_keys("item", items(&demo).map(|item| &item.key));
        for group in &demo.option_groups {
            assert_keys(&group.key, group.options.iter().map(|option| &option.key));
        }
        let labels: BTreeSet<_> = demo.tables.iter().map(|table| &table.label).collect();
        let emails: BTreeSet<_> = demo.staff.iter().map(|person| &person.email).collect();
        let positions: BTreeSet<_> = demo.stations.iter().map(|station| station.position).collect();
        assert_eq!(
            (labels.len(), emails.len(), positions.len()),
            (demo.tables.len(), demo.staff.len(), demo.stations.len())
        );
    }

    #[test]
    fn items_name_stations_and_option_groups_that_exist() {
        let demo = demo();
        let stations: BTreeSet<_> = demo.stations.iter().map(|station| &station.key).collect();
        let groups = groups(&demo);
        let mut used = BTreeSet::new();
        for item in items(&demo) {
            assert!(!item.stations.is_empty(), "{} is cooked nowhere", item.key);
            assert!(item.stations.iter().all(|key| stations.contains(key)), "{}: {:?}", item.key, item.stations);
            assert!(
                item.option_groups.iter().all(|key| groups.contains_key(key.as_str())),
                "{}: {:?}",
                item.key,
                item.option_groups
            );
            assert_keys(&item.key, &item.stations);
            assert_keys(&item.key, &item.option_groups);
            used.extend(item.option_groups.iter().map(String::as_str));
        }
        assert!(groups.keys().copied().eq(used), "an option group is used by no item");
    }

    #[test]
    fn prices_are_positive_and_every_group_can_be_answered() {
        let demo = demo();
        for item in items(&demo) {
            assert!(item.price > 0 && item.preparation_minutes > 0, "{}", item.key);
        }
        for group in &demo.option_groups {
            let offered = i64::try_from(group.options.len()).expect("a short list");
            assert!(0 <= group.min && group.min <= group.max && group.max <= offered && group.max > 0, "{}", group.key);
            assert!(group.options.iter().all(|option| option.price >= 0), "{}", group.key);
        }
    }

    #[test]
    fn every_text_is_written_in_both_languages() {
        let demo = demo();
        demo.stations.iter().for_each(|station| assert_written(&station.key, &station.name));
        for group in &demo.option_groups {
            assert_written(&group.key, &group.name);
            group.options.iter().for_each(|option| assert_written(&group.key, &option.name));
        }
        for category in &demo.categories {
            assert_written(&category.key, &category.name);
        }
        for item in items(&demo) {
            assert_written(&item.key, &item.name);
            assert_written(&item.key, &item.description);
            assert!(
                item.kitchen_name.as_ref().is_none_or(|name| (1..=14).contains(&name.chars().count())),
                "{}",
                item.key
            );
        }
    }

    #[test]
    fn allergens_are_the_eu_fourteen_and_said_once() {
        let demo = demo();
        items(&demo).for_each(|item| assert_allergens(&item.key, &item.allergens));
        for option in demo.option_groups.iter().flat_map(|group| &group.options) {
            assert_allergens(&option.key, &option.allergens);
        }
    }

    #[test]
    fn diets_agree_with_allergens() {
        for item in items(&demo()) {
            let is = |diet: &str| item.diets.iter().any(|known| known == diet);
            let contains = |name: &&str| item.allergens.contains.iter().any(|known| known == name);
            assert!(
                item.diets.iter().all(|diet| ["vegetarian", "vegan", "gluten_free"].contains(&diet.as_str())),
                "{}",
                item.key
            );
            assert!(is("vegetarian") || !is("vegan"), "{}", item.key);
            assert!(!is("vegan") || !ANIMAL.iter().any(contains), "{}", item.key);
            assert!(!is("vegetarian") || !["crustaceans", "fish", "molluscs"].iter().any(contains), "{}", item.key);
            assert!(!is("gluten_free") || item.allergens.safe.iter().any(|name| name == "gluten"), "{}", item.key);
        }
    }

    #[test]
    fn what_a_required_choice_may_bring_is_not_called_safe() {
        let demo = demo();
        let groups = groups(&demo);
        for item in items(&demo) {
            let asked = item.option_groups.iter().map(|key| groups[key.as_str()]).filter(|group| group.min > 0);
            for option in asked.flat_map(|group| &group.options) {
                let mut brought = option.allergens.contains.iter().chain(&option.allergens.unconfirmed);
                assert!(!brought.any(|name| item.allergens.safe.contains(name)), "{} with {}", item.key, option.key);
            }
        }
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let error =
            parse(&TEXT.replacen("preparation_minutes", "preparation_minute", 1)).expect_err("an unknown field");
        assert!(error.contains("preparation_minute"), "{error}");
    }
}
