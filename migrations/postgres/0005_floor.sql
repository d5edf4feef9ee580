-- The newest migration that a release must know to serve from this database. Migrations only add, so releases that do
-- not know the newest ones still serve. One that takes something away comes a release later, and raises this number:
-- a release that still needs what is gone then refuses to start.
create table schema_floor (
    one bigint primary key check (one = 1),
    migration bigint not null
);
insert into schema_floor (one, migration) values (1, 1);
