-- Who is online where. A node's row is its lease: whatever a dead node said counts no more when that is over.
create table nodes (
    id uuid primary key,
    until bigint not null
);

-- What of a restaurant is online at a node; written when it changes.
create table presence (
    restaurant_id uuid not null references restaurants (id),
    node_id uuid not null references nodes (id) on delete cascade,
    online text not null,
    primary key (restaurant_id, node_id)
);
create index presence_node on presence (node_id);

alter table presence enable row level security;
alter table presence force row level security;
create policy tenant on presence using (restaurant_id = any ((select app_restaurants())::uuid[]));
create policy wide on presence to comanda_wide using (true);
grant select, insert, update, delete on presence to comanda_wide;

alter table nodes enable row level security;
alter table nodes force row level security;
create policy wide on nodes to comanda_wide using (true);
grant select, insert, update, delete on nodes to comanda_wide;
