# Copies the data folders of a running stack: usage: backup.sh FROM TO [NAME]
#
# FROM holds a folder for each store (tempo, loki, prometheus, viewer, ...). TO/NAME gets an archive of each, the dump of the
# records where TO/records.dump is, and SHA256SUMS; it appears under its name when it is whole. Nothing is stopped:
# - databases (*.db, SQLite) are copied by SQLite, each as of one moment;
# - the engines' blocks and chunks never change once written. Files are listed first and then read in that order, logs that are
#   still written before all others; where one of the list vanished meanwhile, the folder is copied anew.
set -eu
[ $# -ge 2 ] || { echo 'usage: backup.sh FROM TO [NAME]' >&2; exit 2; }
for folder in "$1" "$2"; do
  [ -d "$folder" ] || { echo "backup: there is no folder $folder" >&2; exit 1; }
done
# Both are left for the folders of the stores: a relative name would be looked for in there. One by one, or a failure of the
# first would go unseen, and the root of the file system be taken for it.
from=$(cd "$1" && pwd)
to=$(cd "$2" && pwd)
name=${3:-$(date -u +%Y-%m-%dT%H%M%SZ)}
copy_database="node ${CALLSPAN_APP_DIR:-/app}/scripts/backup/copy-database.ts"
umask 077
export LC_ALL=C
if [ -f "$to/records.dump" ]; then
  # A dump that is old is one that failed since.
  [ -n "$(find "$to/records.dump" -mmin -1500)" ] || { echo "backup: $to/records.dump is older than a day" >&2; exit 1; }
elif [ "${CALLSPAN_BACKUP_RECORDS:-no}" = required ]; then
  echo "backup: $to/records.dump is not there" >&2
  exit 1
fi
[ ! -e "$to/$name" ] || { echo "backup: $to/$name is there already" >&2; exit 1; }
partial="$to/.$name.partial"
rm -rf "$to"/.[0-9]*.partial
mkdir "$partial"
trap 'rm -rf "$partial"' EXIT

# Status 1 when something vanished while it was listed; anything else that cannot be read ends the backup.
list() {
  find . "$@" 2> "$partial/.lost" && return 0
  if grep -qv 'No such file or directory' "$partial/.lost"; then
    cat "$partial/.lost" >&2
    exit 1
  fi
  return 1
}

# Volatile files first, so that what moves from them to a block while they are read is in both, never in neither.
list_files() {
  list -type f ! -name '*.db' ! -name '*.db-wal' ! -name '*.db-shm' ! -name '*.db-journal' ! -path './*spool/*' \
    ! -name lock ! -name queries.active > "$1.all" || return 1
  grep -E '/(wal|wbl|chunks_head|tsdb-shipper-active|live-store)/' "$1.all" > "$1" || true
  grep -Ev '/(wal|wbl|chunks_head|tsdb-shipper-active|live-store)/' "$1.all" >> "$1" || true
  list -mindepth 1 -type d -empty ! -path './*spool*' >> "$1" || return 1
  list -name '*.db' -type f > "$partial/.databases" || return 1
  rm "$1.all"
}

# What is written to while it is read (status 1) is whole up to a moment; what has vanished is not.
archive() {
  for attempt in 1 2 3 4 5; do
    list_files "$partial/.files" || continue
    status=0
    tar --create --file="$1" --no-recursion --numeric-owner --no-unquote --files-from="$partial/.files" 2> "$partial/.said" || status=$?
    if ! grep -Eq 'Cannot (stat|open)|removed before' "$partial/.said"; then
      [ "$status" -le 1 ] || { cat "$partial/.said" >&2; return 1; }
      return 0
    fi
  done
  echo "backup: files of $(pwd) went on vanishing while they were copied" >&2
  return 1
}

for folder in "$from"/*/; do
  store=$(basename "$folder")
  cd "$folder"
  archive "$partial/$store.tar"
  while read -r database; do
    mkdir -p "$partial/.copies/$(dirname "$database")"
    $copy_database "$database" "$partial/.copies/$database"
    tar --append --file="$partial/$store.tar" --numeric-owner --directory="$partial/.copies" \
      --owner="$(stat -c %u "$database")" --group="$(stat -c %g "$database")" "$database"
    rm "$partial/.copies/$database"
  done < "$partial/.databases"
  gzip -1 "$partial/$store.tar"
done

if [ -f "$to/records.dump" ]; then cp "$to/records.dump" "$partial/records.dump"; fi
rm -rf "$partial"/.files* "$partial/.said" "$partial/.lost" "$partial/.databases" "$partial/.copies"
cd "$partial"
sha256sum -- * > SHA256SUMS
mv "$partial" "$to/$name"
trap - EXIT
echo "$to/$name"
