#!/usr/bin/env bash
# However 'make run' ends, the operator and the cluster end with it. Needs a packaged operator, as after 'make build'.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
cluster=$root/hack/local-cluster/cluster.sh
log=$(mktemp)
run=''

fail() {
  echo "FAILED: $*. What 'make run' said:" >&2
  cat "$log" >&2
  exit 1
}
finish() {
  if [[ $run ]]; then kill -KILL -- "-$run" 2>/dev/null || true; fi
  "$cluster" down >/dev/null 2>&1 || true
  rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

within() { # SECONDS COMMAND...: until it succeeds
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || fail "waited in vain for: $*"
    sleep 0.1
  done
}
gone() { ! kill -0 "$@" 2>/dev/null; }
says() { grep -q "$1" "$log"; }
leads() { says 'leading as' || { gone "$run" && fail "it ended"; }; }
# Both, and what they started, have this worktree's paths in their command lines.
nothing_left() {
  ! pgrep -f "$root/operator/target/quarkus-app/quarkus-run.jar|$root/hack/local-cluster/.state" >/dev/null &&
    [[ ! -e $root/hack/local-cluster/.state/kubeconfig ]]
}

start() { # SIGNAL...: with these ignored; in a process group of its own, as from a terminal; without building again
  : >"$log"
  set -m
  (
    if (($#)); then trap '' "$@"; fi
    exec make --no-print-directory -o build run
  ) >"$log" 2>&1 &
  run=$!
  disown "$run" # without a word when it is killed
  set +m
  within 180 leads
  ! nothing_left || fail "the operator and the cluster are not found, so their end would not be noticed"
}
ended() {
  within 40 gone "$run"
  within 40 nothing_left
  echo "ok: $*"
  run=''
}

nothing_left || fail "something runs already: end 'make run', or 'make cluster-down'"

start
kill -INT -- "-$run"
kill -TERM -- "-$run"
ended "Ctrl-C, and SIGTERM at once after it"

start INT HUP
kill -INT -- "-$run"
ended "Ctrl-C where SIGINT was ignored at the start"

start
says 'Ready. Now try' || fail "it does not say how to go on"
hack/kubectl get nodes -o name | grep -qx node/worker-2 || fail "the cluster has no nodes"
echo "ok: it says how to go on, and the cluster has something in it"
kill -KILL "$run"
ended "make is killed"

start
kill -KILL "$(pgrep -o -g "$run" -f 'hack/run\.sh --again')"
ended "hack/run.sh is killed"
