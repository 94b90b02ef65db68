# Puts the records of a backup back into an empty database: restore-records NAME
set -eu
if [ "${1:---help}" = --help ]; then
  echo 'usage: restore-records NAME   the records of that backup, into a database that has none'
  ls /backups
  exit 0
fi
export PGPASSWORD PGHOST=postgres PGUSER=callspan PGDATABASE=callspan
PGPASSWORD=$(cat /run/secrets/postgres_password)
dump="/backups/$1/records.dump"
[ -f "$dump" ] || { echo "restore-records: $dump is not there" >&2; exit 1; }
tables=$(psql --no-align --tuples-only --command "select count(*) from information_schema.tables where table_schema = 'public'")
if [ "$tables" != 0 ]; then
  echo 'restore-records: the database is not empty: stop records, then drop and create the database callspan' >&2
  exit 1
fi
pg_restore --exit-on-error --no-owner --dbname=callspan "$dump"
echo "the records of $1 are back"
