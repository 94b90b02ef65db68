# Gives each volume to the user of the container that writes it; runs once before all others, as root.
# usage: own-volumes.sh [FOLDER OF THE VOLUMES]
set -eu
volumes=${1:-/volumes}
own() {
  for name in $2; do
    [ -d "$volumes/$name" ] || continue
    chmod 0700 "$volumes/$name"
    chown "$1" "$volumes/$name"
  done
}
own 10001:10001 "collector tempo loki"
own 65534:65534 "prometheus alertmanager"
own 472:472 "grafana"
own 1000:1000 "viewer records bot proxy"
own 70:70 "postgres"
own 0:0 "backups"
# The Collector's extra file; the profile that has one puts it here after this.
if [ -d "$volumes/overlays" ]; then
  printf '{}\n' > "$volumes/overlays/sampling.yaml"
fi
