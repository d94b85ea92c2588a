#!/usr/bin/env bash
# Runs the operator in the foreground as its shipped ServiceAccount. Without CLUSTER_KUBECONFIG, on the local cluster,
# which it starts when it does not run; what this script started, it stops.
set -euo pipefail

# Once more: with SIGINT as at a terminal, since a background job has it ignored, which a shell cannot undo; and, under
# make, so that make cannot go without us. Both where the system knows how.
if [[ ${1:-} != --again ]]; then
  as=()
  if env --default-signal=INT true 2>/dev/null; then as+=(env --default-signal=INT); fi
  if [[ ${MAKELEVEL:-} ]] && setpriv --pdeathsig TERM true 2>/dev/null; then as+=(setpriv --pdeathsig TERM); fi
  exec "${as[@]}" "$BASH" "${BASH_SOURCE[0]}" --again
fi

# shellcheck source=hack/session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"
trap end_session EXIT

free() { # SETTING PORT OTHER: that port is free, or another is to be chosen by that setting
  if [[ $2 != 0 ]] && (: <>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
    die "port $2 is in use, for example by another 'make run'; choose one: make run $1=$3"
  fi
}
free QUARKUS_HTTP_PORT "${QUARKUS_HTTP_PORT:-8080}" 8081
free CGROUP_POLICY_METRICS_PORT "${CGROUP_POLICY_METRICS_PORT:-8443}" 8444

admin=${CLUSTER_KUBECONFIG:-}
if [[ ! $admin ]]; then
  state=$root/hack/local-cluster/.state
  admin=$state/kubeconfig
  if "$cluster" status >/dev/null 2>&1; then
    echo "A local cluster runs already; it is used, and stays."
  else
    start_cluster "$state"
  fi
  echo "The cluster is $("$cluster" status). In another terminal:"
  echo "  export KUBECONFIG=\"$admin\""
  # The JVM's client, unlike kubectl, would ask a proxy for loopback addresses as well.
  export NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"
fi
step "$root/hack/install.sh" "$admin" "$root/target/run/kubeconfig"

# For a person at a terminal, on this machine. All else that is set in the environment holds for the operator.
export QUARKUS_HTTP_HOST=${QUARKUS_HTTP_HOST:-127.0.0.1}
export CGROUP_POLICY_METRICS_SECURE=${CGROUP_POLICY_METRICS_SECURE:-false} # curl http://127.0.0.1:8443/metrics
export QUARKUS_LOG_CONSOLE_JSON_ENABLED=${QUARKUS_LOG_CONSOLE_JSON_ENABLED:-false}
start_operator "$root/target/run/kubeconfig"
attend
