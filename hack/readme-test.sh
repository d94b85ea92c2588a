#!/usr/bin/env bash
# Runs the commands of the documentation: every block fenced as sh, in order and unchanged. The block 'make run' stays in
# the background until the end of its document, as in another terminal. A block fenced as console shows output of the sh
# block before it, as a whole; only ages, spaces and hashes may differ.
#   readme-test.sh [DOCUMENT...]    all documents by default
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
    echo "Output of 'make run':" >&2
    cat "$work/run.log" >&2
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if "$cluster" status >/dev/null; then
  echo "error: a local cluster is running, and the documents' commands would change it; stop it with: make cluster-down" >&2
  exit 1
fi

# Writes each block of a document to a file: 01.sh, 02.sh, ..., and 02.console for the output of 02.sh.
blocks() {
  awk -v prefix="$work/" '
    /^```sh$/ { file = sprintf("%s%02d.sh", prefix, ++n); printf "" >file; next }
    /^```console$/ { file = sprintf("%s%02d.console", prefix, n); next }
    /^```/ { file = ""; next }
    file { print >file }' "$1"
}
# Findings name a ReplicaSet, with a hash in its name, until the operator has looked up its Deployment.
comparable() { sed -E 's/ +/ /g; s/ $//; s/\b[0-9]+(s|m[0-9]*s?)\b/AGE/g; s/-[0-9a-f]{8,10}:/:/' "$1"; }
printed() { # CONSOLE OUTPUT
  local shown
  shown=$(comparable "$1")
  [[ $'\n'$(comparable "$2")$'\n' == *$'\n'"$shown"$'\n'* ]] || {
    echo "error: the commands before this block do not print it, as a whole and in this order:" >&2
    echo "$shown" >&2
    return 1
  }
}

if (($# == 0)); then
  shopt -s nullglob
  set -- *.md docs/*.md docs/*/*.md
fi
for document; do
  rm -f "$work"/*.{sh,console}
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
      bash -euo pipefail "$block" | tee "$work/output"
    fi
    [[ ! -e ${block%.sh}.console ]] || printed "${block%.sh}.console" "$work/output"
  done
  stop
done

"$cluster" status >/dev/null && {
  echo "error: 'make run' left its cluster behind" >&2
  exit 1
}
echo "All blocks of the documents succeeded."
