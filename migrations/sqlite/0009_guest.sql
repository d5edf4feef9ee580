-- What guests are told of the time: the promise that an order got when it reached the kitchen, and what is expected of
-- it now, both as JSON; and what the kitchen taught, every figure a natural logarithm in millionths.
alter table orders add column promise text;
alter table orders add column expected text;

create table learned (
    restaurant_id blob not null references restaurants (id),
    what text not null,
    station_id blob not null,
    item_id blob not null,
    value integer not null,
    seen integer not null,
    at integer not null,
    primary key (restaurant_id, what, station_id, item_id)
) strict, without rowid;

-- When to look whether a party has left without a word.
alter table seatings add column idle_due integer;
create index seatings_idle on seatings (idle_due) where closed_at is null and idle_due is not null;

-- Pictures of dishes, by their content, in several widths. An item names its own as JSON.
alter table items add column picture text;
create table pictures (
    restaurant_id blob not null references restaurants (id),
    id text not null,
    width integer not null,
    bytes blob not null,
    at integer not null,
    primary key (restaurant_id, id, width)
) strict;
