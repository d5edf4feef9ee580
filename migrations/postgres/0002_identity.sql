-- Who may come in: counted tries, paired screens, and people whose place in a restaurant can end.

-- Wrong answers, and other things of which only so many are allowed in a while. `subject` is a digest
-- of whatever is counted: an account, an address. A row whose time is over counts for nothing.
create table tries (
    kind text not null,
    subject bytea not null,
    count bigint not null,
    ends_at bigint not null,
    primary key (kind, subject)
);
create index tries_ends on tries (ends_at);

-- Removed people keep their row, so that events and sessions still name somebody who was there. The
-- version rises with role, removal and password: a login that began before does not outlive them.
alter table memberships add column version bigint not null default 1;
alter table memberships add column removed_at bigint;

-- Paired screens. A revoked one may be paired again, as itself.
create table devices (
    restaurant_id uuid not null references restaurants (id),
    id uuid not null,
    name text not null,
    stations text not null,
    version bigint not null,
    paired_at bigint not null,
    revoked_at bigint,
    primary key (restaurant_id, id)
);

-- A screen's logins: as `sessions`, which are people's.
create table screen_sessions (
    restaurant_id uuid not null,
    id uuid not null,
    device_id uuid not null,
    refresh_hash bytea not null,
    generation bigint not null,
    created_at bigint not null,
    refreshed_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, device_id) references devices (restaurant_id, id)
);
create index screen_sessions_revoked on screen_sessions (revoked_at) where revoked_at is not null;
create index screen_sessions_device on screen_sessions (restaurant_id, device_id);
create index screen_sessions_expires on screen_sessions (expires_at);
create index sessions_user on sessions (restaurant_id, user_id);
create index sessions_expires on sessions (expires_at);

-- A screen's wish to be paired: what it shows (`code`) and what it collects with (`claim`), as digests.
create table pairings (
    restaurant_id uuid not null references restaurants (id),
    code_hash bytea not null,
    claim_hash bytea not null,
    expires_at bigint not null,
    device_id uuid,
    session_id uuid,
    primary key (restaurant_id, code_hash),
    foreign key (restaurant_id, device_id) references devices (restaurant_id, id)
);
create unique index pairings_claim on pairings (restaurant_id, claim_hash);
create index pairings_expires on pairings (expires_at);

do $$
declare
    t text;
begin
    foreach t in array array['devices', 'screen_sessions', 'pairings']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (restaurant_id = any ((select app_restaurants())::uuid[]))', t);
        execute format('create policy wide on %I to comanda_wide using (true)', t);
        execute format('grant select, insert, update, delete on %I to comanda_wide', t);
    end loop;
end $$;

alter table tries enable row level security;
alter table tries force row level security;
create policy wide on tries to comanda_wide using (true);
grant select, insert, update, delete on tries to comanda_wide;
