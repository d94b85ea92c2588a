#!/usr/bin/env bash
# Installs what the operator needs into the cluster of an admin kubeconfig, and writes a kubeconfig with which the
# operator authenticates as its shipped ServiceAccount: install.sh ADMIN_KUBECONFIG OPERATOR_KUBECONFIG
set -euo pipefail

admin=${1:?admin kubeconfig} operator=${2:?path of the kubeconfig to write}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
if [[ ! -r $admin ]]; then
  echo "error: the kubeconfig $admin cannot be read" >&2
  exit 1
fi
kubectl=$("$root/hack/local-cluster/cluster.sh" kubectl-path)
mkdir -p "$(dirname "$operator")"
# Never the user's own preferences or cache.
k() { KUBECTL_KUBERC=false "$kubectl" --kubeconfig "$admin" --cache-dir "$operator.cache" "$@"; }

k apply --server-side -k "$root/config/crd" >/dev/null
k apply --server-side -k "$root/config/rbac" >/dev/null
# Its names first: at the very first its conditions are null, at which a wait for a condition gives up.
for state in 'jsonpath={.status.acceptedNames.plural}=cgrouppolicies' condition=Established; do
  k wait --for="$state" --timeout=60s crd/cgrouppolicies.cgroup-policy.io >/dev/null
done

# The cluster as the admin reaches it, with all that may be said of it (a CA in a file or in place, none at all, a
# proxy, a server name); as JSON, which is YAML. Nothing of the admin's own.
reach=$(k config view --raw --minify --flatten -o 'jsonpath={.clusters[0].cluster}')
token=$(k -n cgroup-policy-system create token cgroup-policy-operator --duration=24h)
(
  umask 077
  cat >"$operator" <<END
apiVersion: v1
kind: Config
current-context: operator
contexts:
  - {name: operator, context: {cluster: cluster, user: operator, namespace: cgroup-policy-system}}
clusters:
  - name: cluster
    cluster: $reach
users:
  - {name: operator, user: {token: "$token"}}
END
)
