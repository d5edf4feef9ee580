-- What a party asked of the staff: the last call of each reason.
create table calls (
    restaurant_id uuid not null,
    seating_id uuid not null,
    reason text not null,
    guest_id uuid not null,
    called_at bigint not null,
    coming_at bigint,
    done_at bigint,
    primary key (restaurant_id, seating_id, reason),
    foreign key (restaurant_id, seating_id, guest_id) references guests (restaurant_id, seating_id, id)
);

alter table calls enable row level security;
alter table calls force row level security;
create policy tenant on calls using (restaurant_id = any ((select app_restaurants())::uuid[]));
create policy wide on calls to comanda_wide using (true);
grant select, insert, update, delete on calls to comanda_wide;
