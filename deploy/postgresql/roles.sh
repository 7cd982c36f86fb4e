#!/bin/sh
# Run once by the PostgreSQL image, when its volume is empty: a role and a database for each of the two that use it, neither a superuser.
set -eu

psql -v ON_ERROR_STOP=1 -v temporal="$TEMPORAL_DB_PASSWORD" -v tenure="$TENURE_DB_PASSWORD" --username postgres --dbname postgres <<'SQL'
create role temporal login createdb password :'temporal';
create role tenure login password :'tenure';
create database tenure owner tenure;
revoke connect on database tenure from public;
SQL
