-- The truth of a restaurant. Times are UTC microseconds, money is minor units, ids are UUIDs,
-- structured values are JSON text. Primary keys of tenant tables begin with restaurant_id, so that
-- they partition by it. Row-level security is switched on at the end, for every tenant table.

create table restaurants (
    id uuid primary key,
    slug text not null constraint restaurants_slug unique,
    name text not null,
    timezone text not null,
    currency text not null,
    locales text not null,
    settings text not null,
    created_at bigint not null
);

-- One narrow row per restaurant: the lock that orders its history.
create table feeds (
    restaurant_id uuid primary key references restaurants (id),
    epoch uuid not null,
    seq bigint not null,
    oldest bigint not null,
    at bigint not null,
    menu_version bigint not null,
    number_day bigint not null,
    number_last bigint not null
);

create table events (
    restaurant_id uuid not null references feeds (restaurant_id),
    seq bigint not null,
    at bigint not null,
    kind text not null,
    subject uuid not null,
    actor text not null,
    command_id uuid not null,
    data text,
    primary key (restaurant_id, seq)
);
create index events_at on events (restaurant_id, at);

create table commands (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    sender text not null,
    body_hash bytea not null,
    seq bigint not null,
    subject uuid not null,
    at bigint not null,
    primary key (restaurant_id, id)
);
create index commands_at on commands (restaurant_id, at);

-- People are not a tenant's: one person may work for several restaurants.
create table users (
    id uuid primary key,
    email text not null constraint users_email unique,
    name text not null,
    password_hash text not null,
    created_at bigint not null
);

create table memberships (
    restaurant_id uuid not null references restaurants (id),
    user_id uuid not null references users (id),
    role text not null,
    pin_hash text,
    primary key (restaurant_id, user_id)
);
create index memberships_user on memberships (user_id);

-- One login: a family of refresh tokens, of which only the newest is good.
create table sessions (
    restaurant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    refresh_hash bytea not null,
    generation bigint not null,
    created_at bigint not null,
    refreshed_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, user_id) references memberships (restaurant_id, user_id)
);
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;

create table stations (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    name text not null,
    position bigint not null,
    primary key (restaurant_id, id)
);

create table categories (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    name text not null,
    position bigint not null,
    primary key (restaurant_id, id)
);

create table items (
    restaurant_id uuid not null,
    id uuid not null,
    category_id uuid not null,
    name text not null,
    kitchen_name text,
    description text not null,
    price bigint not null,
    allergens text not null,
    diets text not null,
    preparation_minutes bigint not null,
    available boolean not null,
    stock bigint constraint items_stock_not_negative check (stock >= 0),
    position bigint not null,
    version bigint not null,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, category_id) references categories (restaurant_id, id)
);

create table item_stations (
    restaurant_id uuid not null,
    item_id uuid not null,
    station_id uuid not null,
    primary key (restaurant_id, item_id, station_id),
    foreign key (restaurant_id, item_id) references items (restaurant_id, id),
    foreign key (restaurant_id, station_id) references stations (restaurant_id, id)
);

create table option_groups (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    name text not null,
    min_options bigint not null,
    max_options bigint not null,
    primary key (restaurant_id, id)
);

create table options (
    restaurant_id uuid not null,
    id uuid not null,
    group_id uuid not null,
    name text not null,
    price bigint not null,
    available boolean not null,
    allergens text not null,
    position bigint not null,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, group_id) references option_groups (restaurant_id, id)
);

create table item_option_groups (
    restaurant_id uuid not null,
    item_id uuid not null,
    group_id uuid not null,
    position bigint not null,
    primary key (restaurant_id, item_id, group_id),
    foreign key (restaurant_id, item_id) references items (restaurant_id, id),
    foreign key (restaurant_id, group_id) references option_groups (restaurant_id, id)
);

create table tables (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    label text not null,
    area text not null,
    seats bigint not null,
    code_version bigint not null,
    position bigint not null,
    version bigint not null,
    primary key (restaurant_id, id)
);

create table seatings (
    restaurant_id uuid not null,
    id uuid not null,
    table_id uuid not null,
    table_label text not null,
    version bigint not null,
    gate text not null,
    released boolean not null,
    pin text not null,
    pin_tries bigint not null,
    opened_at bigint not null,
    closed_at bigint,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, table_id) references tables (restaurant_id, id)
);
-- One open seating per table: the loser of a race joins.
create unique index seatings_open on seatings (restaurant_id, table_id) where closed_at is null;

create table guests (
    restaurant_id uuid not null,
    seating_id uuid not null,
    id uuid not null,
    number bigint not null,
    released boolean not null,
    joined_at bigint not null,
    primary key (restaurant_id, seating_id, id),
    foreign key (restaurant_id, seating_id) references seatings (restaurant_id, id)
);

create table orders (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    number bigint not null,
    business_day bigint not null,
    kind text not null,
    state text not null,
    version bigint not null,
    table_id uuid,
    table_label text,
    seating_id uuid,
    guest_id uuid,
    placed_by text not null,
    held boolean not null,
    note text,
    allergy text,
    allergy_confirmed_at bigint,
    rush boolean not null,
    told_by text,
    placed_at bigint not null,
    due_at bigint not null,
    confirmed_at bigint,
    started_at bigint,
    ready_at bigint,
    completed_at bigint,
    cancelled_at bigint,
    cancel_reason text,
    charges text not null,
    subtotal bigint not null,
    service bigint not null,
    tax bigint not null,
    total bigint not null,
    released_seq bigint,
    released_at bigint,
    seen_at bigint,
    unseen_due bigint,
    unseen_nth bigint not null,
    seen_stations text not null,
    primary key (restaurant_id, id),
    constraint orders_number unique (restaurant_id, business_day, number),
    foreign key (restaurant_id, seating_id) references seatings (restaurant_id, id)
);
create index orders_open on orders (restaurant_id, placed_at) where completed_at is null and cancelled_at is null;
create index orders_ended on orders (restaurant_id, placed_at);
create index orders_seating on orders (restaurant_id, seating_id);
create index orders_unseen on orders (unseen_due) where unseen_due is not null;

create table lines (
    restaurant_id uuid not null,
    order_id uuid not null,
    id uuid not null,
    position bigint not null,
    item_id uuid not null,
    name text not null,
    kitchen_name text,
    quantity bigint not null,
    options text not null,
    note text,
    unit_price bigint not null,
    changed bigint not null,
    void_reason text,
    primary key (restaurant_id, order_id, id),
    foreign key (restaurant_id, order_id) references orders (restaurant_id, id)
);

create table tasks (
    restaurant_id uuid not null,
    order_id uuid not null,
    line_id uuid not null,
    station_id uuid not null,
    position bigint not null,
    state text not null,
    started_at bigint,
    done_at bigint,
    primary key (restaurant_id, order_id, line_id, station_id),
    foreign key (restaurant_id, order_id, line_id) references lines (restaurant_id, order_id, id)
);

-- Where a message may go. Never in an event, erasable on its own.
create table contacts (
    restaurant_id uuid not null,
    order_id uuid not null,
    phone text not null,
    channel text not null,
    primary key (restaurant_id, order_id),
    foreign key (restaurant_id, order_id) references orders (restaurant_id, id)
);

-- Tenants never meet (L9). A transaction names its restaurants; a query that forgets gets nothing.
-- `comanda_wide` is the second role, taken on by the few named queries of src/store/wide.rs.
create function app_restaurants() returns uuid[] language sql stable parallel safe
    return nullif(current_setting('app.restaurants', true), '')::uuid[];

do $$
declare
    t text;
begin
    foreach t in array array[
        'feeds', 'events', 'commands', 'memberships', 'sessions', 'stations', 'categories', 'items',
        'item_stations', 'option_groups', 'options', 'item_option_groups', 'tables', 'seatings', 'guests',
        'orders', 'lines', 'tasks', 'contacts']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (restaurant_id = any ((select app_restaurants())::uuid[]))', t);
        execute format('create policy wide on %I to comanda_wide using (true)', t);
        execute format('grant select, insert, update, delete on %I to comanda_wide', t);
    end loop;
end $$;

alter table restaurants enable row level security;
alter table restaurants force row level security;
create policy tenant on restaurants using (id = any ((select app_restaurants())::uuid[]));
create policy wide on restaurants to comanda_wide using (true);
grant select, insert, update, delete on restaurants to comanda_wide;

alter table users enable row level security;
alter table users force row level security;
create policy wide on users to comanda_wide using (true);
grant select, insert, update, delete on users to comanda_wide;
