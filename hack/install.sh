#!/usr/bin/env bash
# Installs the CRD and roles with an admin kubeconfig, and writes a kubeconfig with which the operator authenticates as
# its shipped ServiceAccount: install.sh ADMIN_KUBECONFIG OPERATOR_KUBECONFIG [DIRECTORY OF ANOTHER RELEASE]
set -euo pipefail

admin=${1:?admin kubeconfig} operator=${2:?path of the kubeconfig to write}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
release=${3:-$root}
if [[ ! -r $admin ]]; then
  echo "error: cannot read the kubeconfig $admin" >&2
  exit 1
fi
kubectl=$("$root/hack/local-cluster/cluster.sh" kubectl-path)
mkdir -p "$(dirname "$operator")"
# Without the user's preferences and cache.
k() { KUBECTL_KUBERC=false "$kubectl" --kubeconfig "$admin" --cache-dir "$operator.cache" "$@"; }

k apply --server-side -k "$release/config/crd" >/dev/null
k apply --server-side -k "$release/config/rbac" >/dev/null
# First wait for its names: a new CRD has null conditions, with which a wait for a condition fails at once.
for state in 'jsonpath={.status.acceptedNames.plural}=cgrouppolicies' condition=Established; do
  k wait --for="$state" --timeout=60s crd/cgrouppolicies.cgroup-policy.io >/dev/null
done

# The cluster entry of the admin kubeconfig with all its fields (a CA inline or in a file, a proxy, a server name), as
# JSON, which is also YAML; but not the admin's credentials.
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
