-- Lines that wait for their course, and lines that are made again.
alter table lines
    add column held boolean not null default false,
    add column called_at bigint,
    add column remakes bigint not null default 0;
