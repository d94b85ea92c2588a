#!/usr/bin/env bash
# Runs the operator in the foreground with its shipped ServiceAccount. Without CLUSTER_KUBECONFIG, it uses the local
# cluster and starts it if necessary. At the end, the script stops what it started.
set -euo pipefail

# Restarts itself, if the system supports it: with the default handling of SIGINT, which is ignored in background jobs and
# which a shell cannot restore; and, under make, so that this process ends when make does.
if [[ ${1:-} != --again ]]; then
  as=()
  if env --default-signal=INT true 2>/dev/null; then as+=(env --default-signal=INT); fi
  if [[ ${MAKELEVEL:-} ]] && setpriv --pdeathsig TERM true 2>/dev/null; then as+=(setpriv --pdeathsig TERM); fi
  exec "${as[@]}" "$BASH" "${BASH_SOURCE[0]}" --again
fi

# shellcheck source=hack/session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"
trap end_session EXIT

admin=${CLUSTER_KUBECONFIG:-}
if [[ ! $admin ]]; then
  state=$root/hack/local-cluster/.state
  admin=$state/kubeconfig
  if "$cluster" status >/dev/null 2>&1; then
    echo "Using the local cluster that is already running; it will stay."
  else
    start_cluster "$state"
    populated=yes
  fi
  # Unlike kubectl, the JVM's client would use a proxy for loopback addresses too.
  export NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"
fi
work=$root/target/run
step "$root/hack/install.sh" "$admin" "$work/kubeconfig"
if [[ ${populated:-} ]]; then
  echo "Starting two simulated nodes, and the workloads of three teams (hack/demo/teams.yaml)"
  start_kubelets "$admin" "$work/kubelets-ca.crt" 'worker-1=hardened,{"kubeReservedCgroup":"/runtime.slice"}' \
    worker-2=memory:0,shop/cache-0=1.5,shop/cache-1=0.7,shop/cache-2=0.7 >"$work/kubelets.log" 2>&1
  until grep -qx READY "$work/kubelets.log"; do
    kill -0 "$kubelets" 2>/dev/null || die "the simulated kubelets ended: $(<"$work/kubelets.log")"
    go_on
    sleep 0.1
  done
  start_teams "$root/hack/kubectl" >/dev/null
  export CGROUP_POLICY_KUBELET_CA_FILE=$work/kubelets-ca.crt
fi

# Copies the operator's output, and prints next steps when the operator is ready.
hint() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    if [[ $line == *"leading as"* && ! ${CLUSTER_KUBECONFIG:-} ]]; then
      echo "Ready. Now try, in another terminal: hack/kubectl apply -f config/samples/audit.yaml; hack/kubectl get cgp -o wide"
    fi
  done
}

# Readable output, on loopback only. The operator also reads all other settings in the environment.
export QUARKUS_HTTP_HOST=${QUARKUS_HTTP_HOST:-127.0.0.1}
# Free ports; the log names them.
export QUARKUS_HTTP_PORT=${QUARKUS_HTTP_PORT:-0} CGROUP_POLICY_METRICS_PORT=${CGROUP_POLICY_METRICS_PORT:-0}
export QUARKUS_LOG_CONSOLE_JSON_ENABLED=${QUARKUS_LOG_CONSOLE_JSON_ENABLED:-false}
start_operator "$work/kubeconfig" > >(trap '' INT TERM HUP && hint) 2>&1
attend
