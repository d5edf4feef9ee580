-- The roles and the database, once, as a superuser: psql -f postgres-init.sql. Change the password first.
-- docs/OPERATIONS.md, On Postgres, says why each statement.
create role comanda login noinherit password 'choose-one';
create role comanda_wide nologin;
grant comanda_wide to comanda;
create database comanda owner comanda;
\connect comanda
alter schema public owner to comanda;
