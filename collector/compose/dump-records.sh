# Dumps the records' database four times a day; a dump takes the place of the last one when it is whole.
set -u
to=${CALLSPAN_BACKUP_TO:-/backups}
umask 077
while :; do
  PGPASSWORD=$(cat /run/secrets/postgres_password) \
    pg_dump --host=postgres --username=callspan --format=custom --file="$to/.records.dump.partial" callspan &&
    mv -f "$to/.records.dump.partial" "$to/records.dump" || echo 'the records could not be dumped; next try in an hour' >&2
  if [ -n "$(find "$to/records.dump" -mmin -60 2>/dev/null)" ]; then sleep 21600; else sleep 3600; fi
done
