-- Takeaway: when an order is picked up, and until when it waits; and the codes that verify a phone.
alter table orders
    add column pickup_at bigint,
    add column start_at bigint,
    add column make_minutes bigint not null default 0;
create index orders_pickup on orders (restaurant_id, pickup_at) where pickup_at is not null;
create index orders_start on orders (start_at) where start_at is not null;
create index orders_guest on orders (restaurant_id, guest_id) where seating_id is null and guest_id is not null;

-- "Closed until tomorrow".
alter table restaurants add column takeaway_paused_until bigint;

-- A phone that is to be verified, and afterwards the guest it is. Neither number nor code: keyed digests.
create table verifications (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    phone_hash bytea not null,
    code_hash bytea not null,
    tries bigint not null,
    expires_at bigint not null,
    verified_at bigint,
    -- When the row is of no use any more.
    ends_at bigint not null,
    primary key (restaurant_id, id)
);
create index verifications_ends on verifications (ends_at);

alter table verifications enable row level security;
alter table verifications force row level security;
create policy tenant on verifications using (restaurant_id = any ((select app_restaurants())::uuid[]));
create policy wide on verifications to comanda_wide using (true);
grant select, insert, update, delete on verifications to comanda_wide;
