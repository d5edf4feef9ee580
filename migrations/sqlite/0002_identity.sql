-- Who may come in: counted tries, paired screens, and people whose place in a restaurant can end.
-- Kept equal to the Postgres file, which also has row-level security.

-- Wrong answers, and other things of which only so many are allowed in a while. `subject` is a digest
-- of whatever is counted: an account, an address. A row whose time is over counts for nothing.
create table tries (
    kind text not null,
    subject blob not null,
    count integer not null,
    ends_at integer not null,
    primary key (kind, subject)
) strict, without rowid;
create index tries_ends on tries (ends_at);

-- Removed people keep their row, so that events and sessions still name somebody who was there. The
-- version rises with role, removal and password: a login that began before does not outlive them.
alter table memberships add column version integer not null default 1;
alter table memberships add column removed_at integer;

-- Paired screens. A revoked one may be paired again, as itself.
create table devices (
    restaurant_id blob not null references restaurants (id),
    id blob not null,
    name text not null,
    stations text not null,
    version integer not null,
    paired_at integer not null,
    revoked_at integer,
    primary key (restaurant_id, id)
) strict, without rowid;

-- A screen's logins: as `sessions`, which are people's.
create table screen_sessions (
    restaurant_id blob not null,
    id blob not null,
    device_id blob not null,
    refresh_hash blob not null,
    generation integer not null,
    created_at integer not null,
    refreshed_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    primary key (restaurant_id, id),
    foreign key (restaurant_id, device_id) references devices (restaurant_id, id)
) strict, without rowid;
create index screen_sessions_revoked on screen_sessions (revoked_at) where revoked_at is not null;
create index screen_sessions_device on screen_sessions (restaurant_id, device_id);
create index screen_sessions_expires on screen_sessions (expires_at);
create index sessions_user on sessions (restaurant_id, user_id);
create index sessions_expires on sessions (expires_at);

-- A screen's wish to be paired: what it shows (`code`) and what it collects with (`claim`), as digests.
create table pairings (
    restaurant_id blob not null references restaurants (id),
    code_hash blob not null,
    claim_hash blob not null,
    expires_at integer not null,
    device_id blob,
    session_id blob,
    primary key (restaurant_id, code_hash),
    foreign key (restaurant_id, device_id) references devices (restaurant_id, id)
) strict, without rowid;
create unique index pairings_claim on pairings (restaurant_id, claim_hash);
create index pairings_expires on pairings (expires_at);
