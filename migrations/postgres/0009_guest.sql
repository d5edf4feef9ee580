-- What guests are told of the time: the promise that an order got when it reached the kitchen, and what is expected of
-- it now, both as JSON; and what the kitchen taught, every figure a natural logarithm in millionths.
alter table orders add column promise text;
alter table orders add column expected text;

create table learned (
    restaurant_id uuid not null references restaurants (id),
    what text not null,
    station_id uuid not null,
    item_id uuid not null,
    value bigint not null,
    seen bigint not null,
    at bigint not null,
    primary key (restaurant_id, what, station_id, item_id)
);

-- When to look whether a party has left without a word.
alter table seatings add column idle_due bigint;
create index seatings_idle on seatings (idle_due) where closed_at is null and idle_due is not null;

-- Pictures of dishes, by their content, in several widths. An item names its own as JSON.
alter table items add column picture text;
create table pictures (
    restaurant_id uuid not null references restaurants (id),
    id text not null,
    width bigint not null,
    bytes bytea not null,
    at bigint not null,
    primary key (restaurant_id, id, width)
);

do $$
declare
    t text;
begin
    foreach t in array array['learned', 'pictures']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (restaurant_id = any ((select app_restaurants())::uuid[]))', t);
        execute format('create policy wide on %I to comanda_wide using (true)', t);
        execute format('grant select, insert, update, delete on %I to comanda_wide', t);
    end loop;
end $$;
