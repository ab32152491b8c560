#!/bin/sh
# Makes or upgrades Temporal's own tables. Safe to run again.
set -eu

prepare() {
  database=$1
  schema=$2
  set -- temporal-sql-tool --plugin postgres12 --ep "${POSTGRES_HOST:-postgres}" -p "${POSTGRES_PORT:-5432}" -u "$POSTGRES_USER" --db "$database"
  "$@" create
  "$@" setup-schema -v 0.0
  "$@" update-schema --schema-name "$schema"
}

prepare temporal postgresql/v12/temporal
prepare temporal_visibility postgresql/v12/visibility
