#!/usr/bin/env bash
# Installs what the operator needs into the cluster of an admin kubeconfig, and writes a kubeconfig with which the
# operator authenticates as its shipped ServiceAccount: install.sh ADMIN_KUBECONFIG OPERATOR_KUBECONFIG
set -euo pipefail

admin=${1:?admin kubeconfig} operator=${2:?path of the kubeconfig to write}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
kubectl=$("$root/hack/local-cluster/cluster.sh" kubectl-path)
k() { "$kubectl" --kubeconfig "$admin" "$@"; }

k apply --server-side -f "$root/crds" >/dev/null
k apply --server-side -k "$root/config/rbac" >/dev/null
k wait --for=condition=Established --timeout=60s crd/cgrouppolicies.cgroup-policy.io >/dev/null

token=$(k -n cgroup-policy-system create token cgroup-policy-operator --duration=24h)
server=$(k config view --raw --minify -o 'jsonpath={.clusters[0].cluster.server}')
ca=$(k config view --raw --minify -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}')
mkdir -p "$(dirname "$operator")"
(
  umask 077
  cat >"$operator" <<END
apiVersion: v1
kind: Config
current-context: operator
contexts:
  - {name: operator, context: {cluster: cluster, user: operator, namespace: cgroup-policy-system}}
clusters:
  - {name: cluster, cluster: {server: "$server", certificate-authority-data: "$ca"}}
users:
  - {name: operator, user: {token: "$token"}}
END
)
