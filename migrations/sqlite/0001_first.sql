-- The truth of a restaurant. Times are UTC microseconds, money is minor units, ids are UUIDs,
-- structured values are JSON text. Primary keys of tenant tables begin with restaurant_id, so that
-- they partition by it. Kept equal to the Postgres file, which also has row-level security.

create table restaurants (
    id blob primary key,
    slug text not null constraint restaurants_slug unique,
    name text not null,
    timezone text not null,
    currency text not null,
    locales text not null,
    settings text not null,
    created_at integer not null
) strict, without rowid;

-- One narrow row per restaurant: the lock that orders its history.
create table feeds (
    restaurant_id blob primary key references restaurants (id),
    epoch blob not null,
    seq integer not null,
    oldest integer not null,
    at integer not null,
    menu_version integer not null,
    number_day integer not null,
    number_last integer not null
) strict, without rowid;

create table events (
    restaurant_id blob not null references feeds (restaurant_id),
    seq integer not null,
    at integer not null,
    kind text not null,
    subject blob not null,
    actor text not null,
    command_id blob not null,
    data text,
    primary key (restaurant_id, seq)
) strict, without rowid;
create index events_at on events (restaurant_id, at);

create table commands (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    sender text not null,
    body_hash blob not null,
    seq integer not null,
    subject blob not null,
    at integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;
create index commands_at on commands (restaurant_id, at);

-- People are not a tenant's: one person may work for several restaurants.
create table users (
    id blob primary key,
    email text not null constraint users_email unique,
    name text not null,
    password_hash text not null,
    created_at integer not null
) strict, without rowid;

create table memberships (
    restaurant_id blob not null references restaurants (id),
    user_id blob not null references users (id),
    role text not null,
    pin_hash text,
    primary key (restaurant_id, user_id)
) strict, without rowid;
create index memberships_user on memberships (user_id);

-- One login: a family of refresh tokens, of which only the newest is good.
create table sessions (
    restaurant_id blob not null,
    id blob not null,
    user_id blob not null,
    refresh_hash blob not null,
    generation integer not null,
    created_at integer not null,
    refreshed_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, user_id) references memberships (restaurant_id, user_id)
) strict, without rowid;
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;

create table stations (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    name text not null,
    position integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;

create table categories (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    name text not null,
    position integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;

create table items (
    restaurant_id blob not null,
    id blob not null,
    category_id blob not null,
    name text not null,
    kitchen_name text,
    description text not null,
    price integer not null,
    allergens text not null,
    diets text not null,
    preparation_minutes integer not null,
    available integer not null,
    stock integer constraint items_stock_not_negative check (stock >= 0),
    position integer not null,
    version integer not null,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, category_id) references categories (restaurant_id, id)
) strict, without rowid;

create table item_stations (
    restaurant_id blob not null,
    item_id blob not null,
    station_id blob not null,
    primary key (restaurant_id, item_id, station_id),
    foreign key (restaurant_id, item_id) references items (restaurant_id, id),
    foreign key (restaurant_id, station_id) references stations (restaurant_id, id)
) strict, without rowid;

create table option_groups (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    name text not null,
    min_options integer not null,
    max_options integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;

create table options (
    restaurant_id blob not null,
    id blob not null,
    group_id blob not null,
    name text not null,
    price integer not null,
    available integer not null,
    allergens text not null,
    position integer not null,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, group_id) references option_groups (restaurant_id, id)
) strict, without rowid;

create table item_option_groups (
    restaurant_id blob not null,
    item_id blob not null,
    group_id blob not null,
    position integer not null,
    primary key (restaurant_id, item_id, group_id),
    foreign key (restaurant_id, item_id) references items (restaurant_id, id),
    foreign key (restaurant_id, group_id) references option_groups (restaurant_id, id)
) strict, without rowid;

create table tables (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    label text not null,
    area text not null,
    seats integer not null,
    code_version integer not null,
    position integer not null,
    version integer not null,
    primary key (restaurant_id, id)
) strict, without rowid;

create table seatings (
    restaurant_id blob not null,
    id blob not null,
    table_id blob not null,
    table_label text not null,
    version integer not null,
    gate text not null,
    released integer not null,
    pin text not null,
    pin_tries integer not null,
    opened_at integer not null,
    closed_at integer,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, table_id) references tables (restaurant_id, id)
) strict, without rowid;
-- One open seating per table: the loser of a race joins.
create unique index seatings_open on seatings (restaurant_id, table_id) where closed_at is null;

create table guests (
    restaurant_id blob not null,
    seating_id blob not null,
    id blob not null,
    number integer not null,
    released integer not null,
    joined_at integer not null,
    primary key (restaurant_id, seating_id, id),
    foreign key (restaurant_id, seating_id) references seatings (restaurant_id, id)
) strict, without rowid;

create table orders (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    number integer not null,
    business_day integer not null,
    kind text not null,
    state text not null,
    version integer not null,
    table_id blob,
    table_label text,
    seating_id blob,
    guest_id blob,
    placed_by text not null,
    held integer not null,
    note text,
    allergy text,
    allergy_confirmed_at integer,
    rush integer not null,
    told_by text,
    placed_at integer not null,
    due_at integer not null,
    confirmed_at integer,
    started_at integer,
    ready_at integer,
    completed_at integer,
    cancelled_at integer,
    cancel_reason text,
    charges text not null,
    subtotal integer not null,
    service integer not null,
    tax integer not null,
    total integer not null,
    released_seq integer,
    released_at integer,
    seen_at integer,
    unseen_due integer,
    unseen_nth integer not null,
    seen_stations text not null,
    primary key (restaurant_id, id),
    constraint orders_number unique (restaurant_id, business_day, number),
    foreign key (restaurant_id, seating_id) references seatings (restaurant_id, id)
) strict, without rowid;
create index orders_open on orders (restaurant_id, placed_at) where completed_at is null and cancelled_at is null;
create index orders_ended on orders (restaurant_id, placed_at);
create index orders_seating on orders (restaurant_id, seating_id);
create index orders_unseen on orders (unseen_due) where unseen_due is not null;

create table lines (
    restaurant_id blob not null,
    order_id blob not null,
    id blob not null,
    position integer not null,
    item_id blob not null,
    name text not null,
    kitchen_name text,
    quantity integer not null,
    options text not null,
    note text,
    unit_price integer not null,
    changed integer not null,
    void_reason text,
    primary key (restaurant_id, order_id, id),
    foreign key (restaurant_id, order_id) references orders (restaurant_id, id)
) strict, without rowid;

create table tasks (
    restaurant_id blob not null,
    order_id blob not null,
    line_id blob not null,
    station_id blob not null,
    position integer not null,
    state text not null,
    started_at integer,
    done_at integer,
    primary key (restaurant_id, order_id, line_id, station_id),
    foreign key (restaurant_id, order_id, line_id) references lines (restaurant_id, order_id, id)
) strict, without rowid;

-- Where a message may go. Never in an event, erasable on its own.
create table contacts (
    restaurant_id blob not null,
    order_id blob not null,
    phone text not null,
    channel text not null,
    primary key (restaurant_id, order_id),
    foreign key (restaurant_id, order_id) references orders (restaurant_id, id)
) strict, without rowid;

