#!/usr/bin/env bash
# The main job, end to end, on a control plane of its own that is gone afterwards.
set -euo pipefail

# shellcheck source=hack/session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"
work=$(mktemp -d)
finish() {
  local code=$?
  trap '' INT TERM HUP
  if ((code != 0 && stopped == 0)) && [[ -e $work/operator.log ]]; then
    echo "The demo failed. The end of the operator's log:" >&2
    tail -n 30 "$work/operator.log" >&2
    [[ ! -s $work/kubelets.log ]] || tail -n 30 "$work/kubelets.log" >&2
  fi
  end_session >/dev/null 2>&1
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

step "$cluster" build
kubectl=$("$cluster" kubectl-path)
bold='' dim='' plain=''
if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
k() {
  go_on
  KUBECTL_KUBERC=false "$kubectl" --kubeconfig "$work/state/kubeconfig" --cache-dir "$work/cache" "$@"
}
title() { printf '\n%s\n' "$bold== $*$plain"; }
show() { # the command, as one would type it, and its output
  echo "$dim\$ kubectl ${*//"$root/"/}$plain"
  k "$@"
}
# eventually COMMAND...: until it prints something
eventually() {
  local deadline=$((SECONDS + 30))
  until [[ $("$@" 2>/dev/null) ]]; do
    ((SECONDS < deadline)) || die "waited 30 s in vain for: $*"
    go_on
    sleep 0.1
  done
}
expect() { # WHAT IS SHOULD
  [[ $2 == "$3" ]] || die "$1: '$2', and not '$3'"
}
# can yes|no VERB RESOURCE [FLAG...]: asks as the operator's ServiceAccount
can() {
  local should=$1 is
  shift
  is=$(k auth can-i "$@" --as="$account" 2>/dev/null) || true
  printf '  %-44s %s\n' "$*" "$is"
  expect "can-i $*" "$is" "$should"
}
pod() { # NAMESPACE NAME [MEMORY REQUEST]
  k apply -f - <<END
apiVersion: v1
kind: Pod
metadata: {name: $2, namespace: $1}
spec:
  containers:
    - name: app
      image: registry.k8s.io/pause
      resources: {${3:+requests: {memory: $3\}, limits: {memory: $3\}}}
END
}
pods() {
  k get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,POD:.metadata.name,QOS:.status.qosClass,CPU REQUEST:.spec.containers[0].resources.requests.cpu,MEMORY REQUEST:.spec.containers[0].resources.requests.memory,MEMORY LIMIT:.spec.containers[0].resources.limits.memory'
}
limits() {
  k get limitranges -A -o custom-columns='NAMESPACE:.metadata.namespace,LIMITRANGE:.metadata.name,POLICY:.metadata.labels.cgroup-policy\.io/policy,DEFAULT REQUEST:.spec.limits[0].defaultRequest,DEFAULT LIMIT:.spec.limits[0].default'
  k get resourcequotas -A -o custom-columns='NAMESPACE:.metadata.namespace,RESOURCEQUOTA:.metadata.name,POLICY:.metadata.labels.cgroup-policy\.io/policy,MEMORY LIMITS:.spec.hard.limits\.memory,MEMORY REQUESTS:.spec.hard.requests\.memory,CPU REQUESTS:.spec.hard.requests\.cpu,PODS:.spec.hard.pods'
}

title "A real control plane: kube-apiserver, etcd, kube-controller-manager on loopback"
start_cluster "$work/state"
k version | sed -n 's/^Server Version: /Kubernetes /p'
# Before the rest, since it takes a while: nodes without machines. Only the cluster knows that they are simulated.
start_kubelets "$work/state/kubeconfig" "$work/kubelets-ca.crt" \
  'worker-1=hardened,{"kubeReservedCgroup":"/runtime.slice"}' worker-2=defaults worker-3=refuse >"$work/kubelets.log" 2>&1
step "$root/hack/install.sh" "$work/state/kubeconfig" "$work/operator.kubeconfig"
# The garbage collector learns of new kinds every 30 s; a restart spares the wait.
"$cluster" restart-controller-manager --state "$work/state" >/dev/null 2>&1

title "Before: three teams, and a pod of each that sets no limits"
teams=(payments search shop)
for team in "${teams[@]}"; do
  k create namespace "$team" >/dev/null
done
for team in "${teams[@]}"; do
  k -n "$team" wait --for=create serviceaccount/default --timeout=30s >/dev/null
  pod "$team" before >/dev/null
done
pods
echo "Each may take a whole node's memory. LimitRanges and ResourceQuotas in the cluster:"
k get limitranges,resourcequotas -A 2>&1

title "The operator starts, as its own ServiceAccount, and the policy is applied"
export QUARKUS_HTTP_PORT=0 QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_LOG_CONSOLE_JSON_ENABLED=false
export CGROUP_POLICY_KUBELET_CA_FILE=$work/kubelets-ca.crt
start_operator "$work/operator.kubeconfig" >"$work/operator.log" 2>&1
show apply -f "$root/config/samples/baseline.yaml"
show wait --for=condition=Ready --timeout=60s cgp/baseline
show wait --for=condition=Compliant --timeout=60s cgp/baseline

title "After: every namespace has its LimitRange and its ResourceQuota"
limits

title "A namespace that comes later has them before anybody can use it"
show create namespace late
k -n late wait --for=create limitrange/cgroup-policy resourcequota/cgroup-policy --timeout=30s
k -n late wait --for=create serviceaccount/default --timeout=30s >/dev/null

title "What pods get: the old ones are as they were, the new ones are capped"
for namespace in payments late; do pod "$namespace" after >/dev/null; done
pods
echo "A pod that asks for more than the namespace may have is refused:"
if pod late huge 100Gi 2>"$work/refusal"; then die "a pod of 100Gi was admitted"; fi
sed 's/^Error from server (Forbidden): error when creating "STDIN": /  /' "$work/refusal"

title "Somebody deletes a LimitRange; it is back, and an event says so"
show -n shop delete limitrange cgroup-policy
k -n shop wait --for=create limitrange/cgroup-policy --timeout=30s
eventually k -n shop get events.events.k8s.io -o name --field-selector reason=Reverted
k -n shop get events.events.k8s.io -o custom-columns='REASON:.reason,NAMESPACE:.regarding.name,NOTE:.note'

title "Three nodes: one is hardened, one has the defaults, one does not answer"
eventually grep -x READY "$work/kubelets.log"
k get nodes
show apply -f "$root/config/samples/nodes.yaml"
show wait --for=condition=Ready --timeout=60s cgp/nodes
k get cgp nodes -o custom-columns='POLICY:.metadata.name,SELECTED:.status.nodes.selected,COMPLIANT:.status.nodes.compliant,DRIFTED:.status.nodes.drifted,UNKNOWN:.status.nodes.unknown'
expect "the nodes' counters" "$(k get cgp nodes -o jsonpath='{.status.nodes.compliant} {.status.nodes.drifted} {.status.nodes.unknown}')" "1 1 1"

title "What each of them lacks: asked of the kubelets themselves, so flags and drop-ins count"
k get cgp nodes -o go-template='{{printf "%-10s%-31s%-46s%s\n" "NODE" "CHECK" "EXPECTED" "ACTUAL"}}{{range .status.violations}}{{printf "%-10s%-31s%-46s%s\n" .name .check .expected .actual}}{{end}}'
expect "the violations" \
  "$(k get cgp nodes -o go-template='{{range .status.violations}}{{.name}} {{.check}};{{end}}')" \
  "worker-2 KubeletEnforceNodeAllocatable;worker-2 KubeletKubeReserved;worker-2 KubeletPodPidsLimit;worker-2 KubeletSystemReserved;worker-3 KubeletUnreachable;"
verdict=$(k get cgp nodes -o go-template='{{range .status.conditions}}{{if eq .type "NodesCompliant"}}{{.type}}={{.status}}, {{.reason}}: {{.message}}{{end}}{{end}}')
echo "$verdict"
expect "the verdict" "${verdict%%:*}" "NodesCompliant=False, DriftFound"

title "The least that it takes: nodes/configz and nodes/stats of the kubelet, and not nodes/proxy, which is exec into every pod"
account=system:serviceaccount:cgroup-policy-system:cgroup-policy-operator
echo "$dim\$ kubectl auth can-i ... --as=$account$plain"
can yes get nodes --subresource=configz
can yes get nodes --subresource=stats
can no get nodes --subresource=proxy
can yes list pods
can no create pods --subresource=exec
can yes watch events
can no delete events
can no delete pods
can no update nodes

title "What would make them comply, for whoever configures nodes; the operator applies none of it"
echo "$dim\$ kubectl -n cgroup-policy-system get configmap cgroup-policy-remedy-nodes$plain"
remedy() {
  k -n cgroup-policy-system get configmap cgroup-policy-remedy-nodes -o "$@"
}
# shellcheck disable=SC2016 # the variables of the template
expect "the remedy's files" "$(remedy go-template='{{range $name, $text := .data}}{{$name}} {{end}}')" \
  "90-cgroup-policy.conf README.txt runtime.slice "
drop_in=$(remedy jsonpath='{.data.90-cgroup-policy\.conf}')
echo "$drop_in"
[[ $drop_in == *"podPidsLimit: 4096"* ]] || die "the drop-in has no podPidsLimit"
echo "with README.txt and runtime.slice, the cgroup that it names"

title "The policies, as kubectl prints them, and what one says"
k wait --for=condition=Compliant --timeout=60s cgp/baseline >/dev/null
show get cgp
k get cgp baseline -o go-template='{{range .status.conditions}}{{printf "  %-20s %-8s %s\n" .type .status .message}}{{end}}'
expect "baseline and nodes" "$(k get cgp -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Compliant")].status};{end}')" \
  "baseline True;nodes False;"
