#!/bin/sh
# Builds the Collector from its Go modules and prints where it is: sh collector/build.sh [CACHE]
# A build is kept under the hash of its manifest, so that it is made once. Needs Go 1.25 or newer; takes minutes.
set -eu
manifest=$(cd "$(dirname "$0")" && pwd)/builder.yaml
cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/moai-metrics/collector}
hash=$(sha256sum "$manifest" | cut -c1-16)
program=$cache/$hash/otelcol-moai
version=$(sed -n 's/^  version: //p' "$manifest")

if [ ! -x "$program" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/work-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  GOBIN=$work GOFLAGS=-trimpath go install "go.opentelemetry.io/collector/cmd/builder@v$version" >&2
  sed "s#^dist:#dist:\n  output_path: $work/out#" "$manifest" >"$work/builder.yaml"
  (cd "$work" && CGO_ENABLED=0 ./builder --config builder.yaml) >&2
  mkdir -p "$cache/$hash"
  mv "$work/out/otelcol-moai" "$program.part"
  mv "$program.part" "$program"
fi
echo "$program"
