-- Who is online where. A node's row is its lease: whatever a dead node said counts no more when that is over.
create table nodes (
    id blob primary key,
    until integer not null
) strict, without rowid;

-- What of a restaurant is online at a node; written when it changes.
create table presence (
    restaurant_id blob not null references restaurants (id),
    node_id blob not null references nodes (id) on delete cascade,
    online text not null,
    primary key (restaurant_id, node_id)
) strict, without rowid;
create index presence_node on presence (node_id);
