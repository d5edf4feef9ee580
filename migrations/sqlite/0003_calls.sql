-- What a party asked of the staff: the last call of each reason.
create table calls (
    restaurant_id blob not null,
    seating_id blob not null,
    reason text not null,
    guest_id blob not null,
    called_at integer not null,
    coming_at integer,
    done_at integer,
    primary key (restaurant_id, seating_id, reason),
    foreign key (restaurant_id, seating_id, guest_id) references guests (restaurant_id, seating_id, id)
) strict, without rowid;
