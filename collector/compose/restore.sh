# Puts a backup back, into folders that are empty, while nothing runs: usage: restore.sh BACKUPS VOLUMES NAME [STORE...]
set -eu
if [ $# -lt 3 ] || [ "$3" = --help ]; then
  echo 'usage: restore NAME [STORE...]   puts a backup, or some stores of it, back into empty volumes; these are there:'
  ls "${1:-.}" | grep -v '\.dump$' || true
  exit 0
fi
backup="$1/$3" volumes=$2
[ -f "$backup/SHA256SUMS" ] || { echo "restore: there is no backup $backup" >&2; exit 1; }
shift 3
(cd "$backup" && sha256sum --check --quiet SHA256SUMS) ||
  { echo "restore: $backup is damaged: nothing was changed, take another one" >&2; exit 1; }
if [ $# -eq 0 ]; then
  set -- $(cd "$backup" && ls -- *.tar.gz | sed 's/\.tar\.gz$//')
fi
for store; do
  [ -f "$backup/$store.tar.gz" ] || { echo "restore: $backup has no $store" >&2; exit 1; }
  [ -d "$volumes/$store" ] || { echo "restore: $volumes/$store is not there" >&2; exit 1; }
  if [ -n "$(ls -A "$volumes/$store")" ]; then
    echo "restore: $volumes/$store is not empty: nothing was changed; empty it first, or name the stores to restore" >&2
    exit 1
  fi
done
for store; do
  tar --extract --gzip --file="$backup/$store.tar.gz" --directory="$volumes/$store" --numeric-owner
  # Folders come with their files, but not with their owner.
  find "$volumes/$store" -mindepth 1 -type d -exec chown --reference="$volumes/$store" {} +
  echo "$store is back"
done
