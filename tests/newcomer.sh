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

write() {  # $1: address; writes an entry and prints it with its insight
  .venv/bin/python -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(urllib.request.Request(
    sys.argv[1] + "v1/entries", b"{\"text\": \"I am glad that it works.\"}",
    {"Content-Type": "application/json", "Prefer": "wait=30"})).read())' "$1"
}

start() {  # $1: seconds allowed; $2: what the journal holds before an entry is written
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
  grep -q "$2" "$folder/entries" || { cat "$folder/entries"; echo "the journal does not hold $2"; exit 1; }
  write "$address" | grep -q '"status":"ready"'
  kill -INT -- -$!
  wait $! || true
  grep -q 'Stopped.' "$folder/output" || { cat "$folder/output"; echo "it did not stop on Ctrl-C"; exit 1; }
}

start 240 '"entries":\[\]'  # the demo is not kept
cat "$folder/output"
start 15 '"status":"ready"'
