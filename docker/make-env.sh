#!/bin/sh
# Writes .env for docker compose once: sh docker/make-env.sh. Passwords and tokens are random; none is in this repository.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo ".env is there already; delete it to get a new one. Grafana keeps the password that it was started with first." >&2
  exit 0
fi
random() { head -c 32 /dev/urandom | base64 | tr -d '=+/\n'; }
umask 077
cat >.env <<END
GRAFANA_ADMIN_PASSWORD=$(random)
MOAI_METRICS_TOKEN=$(random)
MOAI_METRICS_UID=$(id -u)
END
echo "Wrote .env. Grafana's user is admin; its password: sed -n 's/^GRAFANA_ADMIN_PASSWORD=//p' .env" >&2
