-- Takeaway: when an order is picked up, and until when it waits; and the codes that verify a phone.
alter table orders add column pickup_at integer;
alter table orders add column start_at integer;
alter table orders add column make_minutes integer not null default 0;
create index orders_pickup on orders (restaurant_id, pickup_at) where pickup_at is not null;
create index orders_start on orders (start_at) where start_at is not null;
create index orders_guest on orders (restaurant_id, guest_id) where seating_id is null and guest_id is not null;

-- "Closed until tomorrow".
alter table restaurants add column takeaway_paused_until integer;

-- A phone that is to be verified, and afterwards the guest it is. Neither number nor code: keyed digests.
create table verifications (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    phone_hash blob not null,
    code_hash blob not null,
    tries integer not null,
    expires_at integer not null,
    verified_at integer,
    -- When the row is of no use any more.
    ends_at integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;
create index verifications_ends on verifications (ends_at);
