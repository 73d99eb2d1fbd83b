#!/usr/bin/env bash
# A newcomer's first minutes: clone, `make run`, see an insight and the page, press Ctrl-C; then start once more.
set -euo pipefail
folder=$(mktemp -d)
trap 'for job in $(jobs -p); do kill -TERM -- "-$job" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
git clone --quiet "$(git rev-parse --show-toplevel)" "$folder/samo"
cd "$folder/samo"
export SAMO_DATA_DIR="$folder/journal"

fetch() {  # $1: address; fails unless the response is a success
  .venv/bin/python -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$1"
}

start() {  # $1: seconds allowed
  local began=$SECONDS address=""
  set -m
  make run >"$folder/output" 2>&1 &
  set +m
  while [ -z "$address" ]; do
    kill -0 $! 2>/dev/null || { cat "$folder/output"; echo "make run exited early"; exit 1; }
    [ $((SECONDS - began)) -le "$1" ] || { cat "$folder/output"; echo "not up after $1 s"; exit 1; }
    sleep 0.2
    address=$(grep -oE 'http://127\.0\.0\.1:[0-9]+/' "$folder/output" | head -n 1 || true)
  done
  echo "up after $((SECONDS - began)) s (at most $1)"
  grep -q 'Summary' "$folder/output" || { cat "$folder/output"; echo "make run showed no insight"; exit 1; }
  fetch "$address" >"$folder/page"
  fetch "${address}v1/entries" >"$folder/entries"
  grep -qi '<html' "$folder/page"
  grep -q '"status":"ready"' "$folder/entries"
  kill -INT -- -$!
  wait $! || true
  grep -q 'Stopped.' "$folder/output" || { cat "$folder/output"; echo "it did not stop on Ctrl-C"; exit 1; }
}

start 240
cat "$folder/output"
start 15
