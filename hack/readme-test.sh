#!/usr/bin/env bash
# Runs what the documents tell the reader to type: every block fenced as sh, in order, letter by letter. The block
# 'make run' stays in the background until the end of its document, as in the reader's other terminal.
#   readme-test.sh [DOCUMENT...]    all documents, unless some are named
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
cluster=$root/hack/local-cluster/cluster.sh
work=$(mktemp -d)
run=''

stop() {
  [[ $run ]] || return 0
  kill -INT -- "-$run" 2>/dev/null || true # Ctrl-C
  wait "$run" 2>/dev/null || true
  run=''
}
finish() {
  local code=$?
  trap '' INT TERM
  stop
  if ((code != 0)) && [[ -e $work/run.log ]]; then
    echo "What 'make run' said:" >&2
    cat "$work/run.log" >&2
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if "$cluster" status >/dev/null; then
  echo "error: a local cluster runs already, and the documents' commands would act on it: make cluster-down" >&2
  exit 1
fi

# Each block of a document to a file of its own: 01.sh, 02.sh, ...
blocks() {
  awk -v prefix="$work/" '
    /^```sh$/ { file = sprintf("%s%02d.sh", prefix, ++n); printf "" >file; next }
    /^```/ { file = ""; next }
    file { print >file }' "$1"
}

if (($# == 0)); then
  shopt -s nullglob
  set -- *.md docs/*.md docs/*/*.md
fi
for document; do
  rm -f "$work"/*.sh
  blocks "$document"
  for block in "$work"/*.sh; do
    [[ -e $block ]] || continue
    printf '\n== %s, block %s\n' "$document" "$(basename "$block" .sh)"
    sed 's/^/   | /' "$block"
    if [[ $(<"$block") == 'make run' ]]; then
      set -m
      make run >"$work/run.log" 2>&1 &
      run=$!
      set +m
      until grep -q 'leading as' "$work/run.log"; do
        kill -0 "$run"
        sleep 0.2
      done
    else
      bash -euo pipefail "$block"
    fi
  done
  stop
done

"$cluster" status >/dev/null && {
  echo "error: 'make run' left its cluster behind" >&2
  exit 1
}
echo "All blocks of the documents run."
