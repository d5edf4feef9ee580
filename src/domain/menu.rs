//! The menu: what can be ordered, at what price, with which options, cooked where.
//! In memory it is a cache of one `version`; the committer checks that version under the lock.

use super::ids::{CategoryId, ItemId, OptionGroupId, OptionId, StationId};
use super::restaurant::{Restaurant, Station};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use ts_rs::TS;
use utoipa::ToSchema;

/// Text by language tag: `{"en": "Ribeye", "es": "Chuletón"}`. Never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(transparent)]
#[ts(type = "Record<string, string>")]
#[schema(value_type = std::collections::HashMap<String, String>)]
pub struct Localized(pub BTreeMap<String, String>);

impl Localized {
    /// The text in `language`, else in any.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

/// Whether a dish has an allergen in it. What is not listed was confirmed to be free of it
/// only if the menu lists it as `safe`; silence says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Contains,
    Safe,
    Unconfirmed,
}

/// Allergens by name (the EU's fourteen: `gluten`, `milk`, `peanuts` …).
pub type Allergens = BTreeMap<String, Presence>;

/// One restaurant's menu at one version, with the rules that orders follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Menu {
    #[ts(type = "number")]
    pub version: i64,
    pub restaurant: Restaurant,
    pub stations: Vec<Station>,
    pub categories: Vec<Category>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Category {
    pub id: CategoryId,
    pub name: Localized,
    pub items: Vec<Item>,
}

/// A dish or a drink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Item {
    pub id: ItemId,
    pub name: Localized,
    /// What the kitchen calls it, when that is shorter.
    pub kitchen_name: Option<String>,
    pub description: Localized,
    /// Minor units.
    #[ts(type = "number")]
    pub price: i64,
    pub allergens: Allergens,
    /// `vegetarian`, `vegan`, `gluten_free` …
    pub diets: Vec<String>,
    pub preparation_minutes: u16,
    /// Stations that cook it; each gets a task.
    pub stations: Vec<StationId>,
    pub option_groups: Vec<OptionGroup>,
    /// Staff took it off, or its stock ran out.
    pub available: bool,
    /// Portions left, when they are counted.
    #[ts(type = "number | null")]
    pub stock: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub picture: Option<Picture>,
    #[ts(type = "number")]
    pub version: i64,
}

/// Where a dish's picture is: `/api/restaurants/{slug}/pictures/{id}/{width}`, for ever the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Picture {
    /// Of its content.
    pub id: String,
    /// In pixels, rising.
    pub widths: Vec<u16>,
}

/// A question about an item, and how many answers it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OptionGroup {
    pub id: OptionGroupId,
    pub name: Localized,
    #[ts(type = "number")]
    pub min: i64,
    #[ts(type = "number")]
    pub max: i64,
    pub options: Vec<MenuOption>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MenuOption {
    pub id: OptionId,
    pub name: Localized,
    /// Added to the item's price; may be negative.
    #[ts(type = "number")]
    pub price: i64,
    pub available: bool,
    pub allergens: Allergens,
}

/// What an `item.changed` event carries: the item as the menu now has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ItemState {
    pub id: ItemId,
    pub name: Localized,
    #[ts(type = "number")]
    pub price: i64,
    pub available: bool,
    #[ts(type = "number | null")]
    pub stock: Option<i64>,
    #[ts(type = "number")]
    pub version: i64,
    /// The menu that contains this state; a page with an older one may fetch it again.
    #[ts(type = "number")]
    pub menu_version: i64,
}

impl Menu {
    /// Items by id, for checking an order.
    #[must_use]
    pub fn index(&self) -> HashMap<ItemId, &Item> {
        self.items().map(|item| (item.id, item)).collect()
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.categories.iter().flat_map(|category| &category.items)
    }

    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.items().find(|item| item.id == id)
    }

    /// Where the item is cooked. An item that names no station goes to the first one, so that
    /// nothing can be ordered that no screen shows.
    #[must_use]
    pub fn stations_of(&self, item: &Item) -> Vec<StationId> {
        if item.stations.is_empty() {
            self.stations.first().map(|station| station.id).into_iter().collect()
        } else {
            item.stations.clone()
        }
    }
}
