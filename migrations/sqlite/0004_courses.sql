-- Lines that wait for their course, and lines that are made again.
alter table lines add column held integer not null default 0;
alter table lines add column called_at integer;
alter table lines add column remakes integer not null default 0;
