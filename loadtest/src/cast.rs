//! Who plays: restaurants with open seatings, written by the server's own store and committer before a server starts,
//! and tokens signed with its own key. A table's first phone is a guest in the database and can order; the others
//! only look, with tokens of their own.

use crate::crowd::{GUESTS, SCREENS, Seat, Speech};
use crate::grouped::Grouped;
use crate::place::Place;
use crate::restaurants::{self, House};
use crate::sender::Sender;
use crate::server::KEY;
use anyhow::Result;
use comanda::clock::Clock;
use comanda::config::keys::NamedKey;
use comanda::domain::ids::{GuestId, StationId};
use comanda::domain::people::Actor;
use comanda::domain::time::Timestamp;
use comanda::identity::tokens::{Claims, Tokens};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// As guests' tokens live.
const LIFE: Duration = Duration::from_secs(12 * 3600);

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub restaurants: usize,
    /// In each, all with an open seating.
    pub tables: usize,
}

pub struct Cast {
    pub shape: Shape,
    pub houses: Arc<Vec<House>>,
    /// The first phones: all restaurants' first tables, then all second ones.
    seated: Vec<Sender>,
    tokens: Tokens,
    now: Timestamp,
}

impl Cast {
    /// Writes everything into the database.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn seat(place: &Place, shape: Shape) -> Result<Self> {
        eprintln!(
            "    {} restaurants with {} open tables each on {}",
            shape.restaurants,
            shape.tables,
            place.kind.name()
        );
        let houses = Arc::new(restaurants::invent(shape.restaurants, shape.tables)?);
        let grouped = Grouped::open(place, &houses, shape.restaurants * shape.tables).await?;
        let seated = grouped.senders().to_vec();
        grouped.close().await;
        place.analyze().await?;
        let tokens = Tokens::new(vec![NamedKey { id: KEY.to_owned(), secret: place.secret.to_vec().into() }]);
        Ok(Self { shape, houses, seated, tokens, now: Clock::system().now() })
    }

    /// The restaurant and the table of the `n`th table: all restaurants' first ones, then all second ones.
    pub fn nth(&self, n: usize) -> (usize, usize) {
        (n % self.shape.restaurants, n / self.shape.restaurants % self.shape.tables)
    }

    /// The first phone of a table.
    pub fn first(&self, house: usize, table: usize) -> &Sender {
        &self.seated[table * self.shape.restaurants + house]
    }

    /// The token of a table's first phone.
    pub fn guest(&self, house: usize, table: usize) -> String {
        self.token(house, self.first(house, table).actor.clone())
    }

    /// The waiter's token.
    pub fn staff(&self, house: usize) -> String {
        self.token(house, self.houses[house].staff())
    }

    fn token(&self, house: usize, actor: Actor) -> String {
        let (restaurant, slug) = (self.houses[house].id(), self.houses[house].slug().to_owned());
        let claims = Claims { restaurant, slug, actor, issued_at: self.now, expires_at: self.now.plus(LIFE) };
        self.tokens.issue(&claims)
    }

    /// One more phone at a table, which looks on.
    pub fn phone(&self, server: SocketAddr, house: usize, table: usize) -> Seat {
        let seating = self.first(house, table).seating.id;
        let token = self.token(house, Actor::Guest { guest: GuestId(Uuid::now_v7()), seating });
        self.place(server, house, token, "table", Vec::new(), GUESTS)
    }

    /// A kitchen's screen, with the waiter's login.
    pub fn screen(&self, server: SocketAddr, house: usize, stations: Vec<StationId>) -> Seat {
        self.place(server, house, self.staff(house), "kitchen", stations, SCREENS)
    }

    fn place(
        &self,
        server: SocketAddr,
        house: usize,
        token: String,
        topic: &str,
        stations: Vec<StationId>,
        group: usize,
    ) -> Seat {
        let path = format!("/ws/{}", self.houses[house].slug());
        Seat { server, path, speaks: Speech::Comanda { token, topic: topic.to_owned(), stations }, group }
    }
}
