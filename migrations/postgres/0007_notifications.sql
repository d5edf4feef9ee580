-- What people are told outside of the page: the outbox. A row is one message on one channel about one thing; it is
-- written with the event that it tells of, and never a second one for the same subject, reason and channel.
create table notifications (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    subject uuid not null,
    about text not null,
    kind text not null,
    channel text not null,
    -- Where it goes, until it has gone; then only its hash, for limits.
    address text,
    address_hash bytea not null,
    locale text not null,
    -- What its words need.
    vars text not null,
    -- In whose place it went: that of another channel, which did not reach them.
    instead_of uuid,
    state text not null,
    attempts bigint not null,
    -- When somebody must look at it (again); nothing when it has ended.
    next_at bigint,
    claim uuid,
    created_at bigint not null,
    -- Worth nothing after this.
    expires_at bigint not null,
    began_at bigint,
    provider_id text,
    error text,
    ended_at bigint,
    primary key (restaurant_id, id),
    constraint notifications_once unique (restaurant_id, subject, about, channel)
);
create index notifications_next on notifications (next_at) where next_at is not null;
create index notifications_address on notifications (address_hash, created_at);
create index notifications_inbox on notifications (restaurant_id, created_at) where channel = 'inbox';

-- What somebody of the staff has read or put away of what the restaurant was told.
create table notification_marks (
    restaurant_id uuid not null,
    user_id uuid not null,
    notification_id uuid not null,
    read_at bigint,
    deleted_at bigint,
    primary key (restaurant_id, user_id, notification_id),
    foreign key (restaurant_id, notification_id) references notifications (restaurant_id, id) on delete cascade
);
create index notification_marks_of on notification_marks (restaurant_id, notification_id);

-- Numbers that wrote back, by their hash: who wants to hear nothing more, and who wrote when. Not a tenant's: they
-- write to the number that all restaurants of this server send from.
create table numbers (
    channel text not null,
    address_hash bytea not null,
    stopped_at bigint,
    wrote_at bigint,
    primary key (channel, address_hash)
);

-- What providers have told, so that nothing is done twice.
create table hooks (
    id text primary key,
    at bigint not null
);
create index hooks_at on hooks (at);

alter table contacts add column address text;
alter table contacts add column locale text;
alter table contacts add column consented_at bigint;
alter table contacts add column consent text;
alter table orders add column told text;

do $$
declare
    t text;
begin
    foreach t in array array['notifications', 'notification_marks']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (restaurant_id = any ((select app_restaurants())::uuid[]))', t);
        execute format('create policy wide on %I to comanda_wide using (true)', t);
        execute format('grant select, insert, update, delete on %I to comanda_wide', t);
    end loop;
    foreach t in array array['numbers', 'hooks']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy wide on %I to comanda_wide using (true)', t);
        execute format('grant select, insert, update, delete on %I to comanda_wide', t);
    end loop;
end $$;
