#!/usr/bin/env bash
# Checks that the operator and the cluster end when 'make run' ends, however it ends. Needs a packaged operator ('make build').
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
cluster=$root/hack/local-cluster/cluster.sh
log=$(mktemp)
run=''

fail() {
  echo "FAILED: $*. Output of 'make run':" >&2
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
    ((SECONDS < deadline)) || fail "timed out waiting for: $*"
    sleep 0.1
  done
}
gone() { ! kill -0 "$@" 2>/dev/null; }
says() { grep -q "$1" "$log"; }
leads() { says 'leading as' || { gone "$run" && fail "it ended"; }; }
# The operator, the cluster and their child processes have this worktree's paths in their command lines.
nothing_left() {
  ! pgrep -f "$root/operator/target/quarkus-app/quarkus-run.jar|$root/hack/local-cluster/.state" >/dev/null &&
    [[ ! -e $root/hack/local-cluster/.state/kubeconfig ]]
}

start() { # SIGNAL...: starts 'make run' with these signals ignored, in its own process group, without building again
  : >"$log"
  set -m
  (
    if (($#)); then trap '' "$@"; fi
    exec make --no-print-directory -o build run
  ) >"$log" 2>&1 &
  run=$!
  disown "$run" # no message when it is killed
  set +m
  within 180 leads
  ! nothing_left || fail "cannot find the operator and the cluster, so the test could not see them end"
}
ended() {
  within 40 gone "$run"
  within 40 nothing_left
  echo "ok: $*"
  run=''
}

nothing_left || fail "a local cluster is running: end 'make run', or run 'make cluster-down'"

start
kill -INT -- "-$run"
kill -TERM -- "-$run"
ended "Ctrl-C, followed at once by SIGTERM"

start INT HUP
kill -INT -- "-$run"
ended "Ctrl-C when SIGINT was ignored at the start"

start
says 'Ready. Now try' || fail "it prints no next steps"
hack/kubectl get nodes -o name | grep -qx node/worker-2 || fail "the cluster has no nodes"
echo "ok: it prints next steps, and the cluster has nodes"
kill -KILL "$run"
ended "make is killed"

start
kill -KILL "$(pgrep -o -g "$run" -f 'hack/run\.sh --again')"
ended "hack/run.sh is killed"
