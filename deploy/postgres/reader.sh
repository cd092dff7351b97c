#!/bin/sh
# Runs once, when the database is made: a role that reads, for Grafana and other tools.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat /run/secrets/reader_password)" <<'SQL'
CREATE ROLE reader LOGIN PASSWORD :'password' CONNECTION LIMIT 20;
GRANT pg_read_all_data TO reader;
ALTER ROLE reader SET statement_timeout = '30s';
ALTER ROLE reader SET default_transaction_read_only = on;
SQL
