#!/usr/bin/env bash
# Runs the operator in the foreground as its shipped ServiceAccount. Without CLUSTER_KUBECONFIG, on the local cluster,
# which it starts when it does not run; what this script started, it stops.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cluster=$root/hack/local-cluster/cluster.sh
admin=${CLUSTER_KUBECONFIG:-}
started='' operator=''

finish() {
  trap '' INT TERM
  if [[ $operator ]]; then
    kill "$operator" 2>/dev/null || true
    wait "$operator" 2>/dev/null || true
  fi
  if [[ $started ]]; then "$cluster" down; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ ! $admin ]]; then
  if ! "$cluster" status >/dev/null 2>&1; then started=yes; fi
  "$cluster" up
  admin=$root/hack/local-cluster/.state/kubeconfig
fi
"$root/hack/install.sh" "$admin" "$root/target/run/kubeconfig"
KUBECONFIG=$root/target/run/kubeconfig "${JAVA:-java}" @"$root/config/jvm.options" ${JAVA_OPTS:-} -jar "$root/target/quarkus-app/quarkus-run.jar" &
operator=$!
wait "$operator"
