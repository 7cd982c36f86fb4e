#!/bin/sh
# Creates or upgrades Temporal's databases. Repeating it changes nothing.
set -eu

folder=${SCHEMA_FOLDER:-/etc/temporal/schema/postgresql/v12}
tool() {
  name=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" -p "$SQL_PORT" -u "$SQL_USER" --db "$name" "$@"
}

for name in temporal temporal_visibility; do
  kind=${name#temporal_}
  tool "$name" create
  tool "$name" setup-schema -v 0.0
  tool "$name" update-schema -d "$folder/$kind/versioned"
done
