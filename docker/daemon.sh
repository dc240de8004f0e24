#!/bin/sh
# Starts moai-metrics in its container, with the token that the other parts send.
set -eu
umask 077
token=${MOAI_METRICS_TOKEN_FILE:-/run/secrets/moai_metrics_token}
if [ -f "$token" ]; then
  cat "$token" >"$MOAI_METRICS_STORAGE/receiver-token"
fi
exec node "$(dirname "$0")/packages/cli/bin/moai-metrics.js" "$@"
