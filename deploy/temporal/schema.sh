#!/bin/sh
# Brings Temporal's two databases to the schema of this server version. Runs before every start of the server: there is
# nothing to do except the first time and after an upgrade. Address, user and password are SQL_HOST, SQL_USER … .
set -eu

for store in temporal visibility; do
  case $store in
    temporal) export SQL_DATABASE=temporal ;;
    visibility) export SQL_DATABASE=temporal_visibility ;;
  esac
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/$store"
done
