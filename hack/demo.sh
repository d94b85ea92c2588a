#!/usr/bin/env bash
# The main job, end to end, on a control plane of its own that is gone afterwards.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cluster=$root/hack/local-cluster/cluster.sh
"$cluster" build
work=$(mktemp -d)
kubectl=$("$cluster" kubectl-path)
operator=''
k() { "$kubectl" --kubeconfig "$work/state/kubeconfig" --cache-dir "$work/cache" "$@"; }
title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

finish() {
  local code=$?
  trap '' INT TERM
  if ((code != 0)) && [[ -e $work/operator.log ]]; then
    echo "The demo failed. The end of the operator's log:" >&2
    tail -n 30 "$work/operator.log" >&2
  fi
  if [[ $operator ]]; then
    kill "$operator" 2>/dev/null || true
    wait "$operator" 2>/dev/null || true
  fi
  "$cluster" down --state "$work/state" >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

title "A real control plane: kube-apiserver, etcd, kube-controller-manager on loopback"
"$cluster" up --state "$work/state" >/dev/null
k version | sed -n 's/^Server/server/p'
"$root/hack/install.sh" "$work/state/kubeconfig" "$work/operator.kubeconfig"
# The garbage collector learns of new kinds every 30 s; a restart spares the wait.
"$cluster" restart-controller-manager --state "$work/state" >/dev/null 2>&1

title "Before: three teams, no limits anywhere"
pod() {
  k apply -f - <<END
apiVersion: v1
kind: Pod
metadata: {name: $2, namespace: $1}
spec:
  containers: [{name: app, image: registry.k8s.io/pause}]
END
}
for team in payments shop search; do
  k create namespace "$team"
  for _ in $(seq 100); do k -n "$team" get serviceaccount default >/dev/null 2>&1 && break; done
  pod "$team" before
done
columns='NAMESPACE:.metadata.namespace,POD:.metadata.name,QOS:.status.qosClass,MEMORY LIMIT:.spec.containers[0].resources.limits.memory'
k get pods -A -o custom-columns="$columns"

title "The operator starts, as its own ServiceAccount, and the policy is applied"
KUBECONFIG=$work/operator.kubeconfig QUARKUS_HTTP_PORT=0 QUARKUS_HTTP_HOST=127.0.0.1 \
  "${JAVA:-java}" @"$root/config/jvm.options" -jar "$root/target/quarkus-app/quarkus-run.jar" >"$work/operator.log" 2>&1 &
operator=$!
k apply -f "$root/config/samples/baseline.yaml"
k wait --for=condition=Ready --timeout=60s cgrouppolicy/baseline
k wait --for=condition=Compliant --timeout=60s cgrouppolicy/baseline

title "After: every namespace has its LimitRange and its ResourceQuota"
k get limitranges,resourcequotas -A -o custom-columns='KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name,POLICY:.metadata.labels.cgroup-policy\.io/policy'

title "A namespace that comes later has them before anybody can use it"
k create namespace late
k -n late wait --for=create limitrange/cgroup-policy --timeout=30s
k -n late wait --for=create resourcequota/cgroup-policy --timeout=30s
k -n late wait --for=create serviceaccount/default --timeout=30s
for namespace in payments late; do pod "$namespace" after; done

title "What pods get: the old ones are as they were, the new ones are capped"
k get pods -A -o custom-columns="$columns"

title "Somebody deletes a LimitRange; it is back, and an event says so"
k -n shop delete limitrange cgroup-policy
k -n shop wait --for=create limitrange/cgroup-policy --timeout=30s
k -n shop wait --for=create events.events.k8s.io --field-selector reason=Reverted --timeout=30s >/dev/null 2>&1 || true
k -n shop get events.events.k8s.io -o custom-columns='REASON:.reason,REGARDING:.regarding.name,NOTE:.note'

title "The policy, as kubectl prints it"
k wait --for=condition=Compliant --timeout=60s cgrouppolicy/baseline >/dev/null
k get cgp
