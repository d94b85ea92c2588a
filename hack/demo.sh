#!/usr/bin/env bash
# Shows the main features, end to end, on a temporary control plane. It fails if it does not show what it should.
set -euo pipefail

# shellcheck source=hack/session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"
# shellcheck source=hack/demo/narration.sh
source "$root/hack/demo/narration.sh"

cgp() { # as kubectl cgp with its own runtime (make cli); sets $code
  code=0
  echo "$dim\$ kubectl cgp $*$plain"
  KUBECONFIG=$work/state/kubeconfig "$java" @"$root/hack/cli/jvm.options" \
    -cp "$root/cli/target/classes:$root/cli/target/lib/*" io.cgrouppolicy.cli.KubectlCgp "$@" || code=$?
}

step "$cluster" build
kubectl=$("$cluster" kubectl-path)

title "A real control plane: kube-apiserver, etcd, kube-controller-manager on loopback; two nodes, simulated"
start_cluster "$work/state"
k version | sed -n 's/^Server Version: /Kubernetes /p'
# Nodes without machines, started first because they take a while. The operator cannot distinguish them from real ones.
usage=shop/cache-0=1.5,shop/cache-1=0.7,shop/cache-2=0.7
start_kubelets "$work/state/kubeconfig" "$work/kubelets-ca.crt" \
  'worker-1=hardened,{"kubeReservedCgroup":"/runtime.slice"}' "worker-2=memory:0,$usage" >"$work/kubelets.log" 2>&1
step "$root/hack/install.sh" "$work/state/kubeconfig" "$work/operator.kubeconfig"
# The garbage collector discovers new kinds every 30 s; a restart avoids the wait.
"$cluster" restart-controller-manager --state "$work/state" >/dev/null 2>&1

title "Before: three teams. The containers of payments have limits; those of the others have no memory limit"
eventually grep -x READY "$work/kubelets.log"
start_teams k
for workload in payments/deployment/api search/deployment/indexer shop/statefulset/cache; do
  k -n "${workload%%/*}" rollout status --timeout=60s "${workload#*/}" >/dev/null
done
pods -A
k get limitranges,resourcequotas -A 2>&1

title "Nothing is installed yet, but the command line can already tell the owner of a namespace what is missing"
cgp audit --namespace shop
expect "the exit code of findings" "$code" 1

title "The operator starts, with its own ServiceAccount, and we apply a policy that only reports"
export CGROUP_POLICY_KUBELET_CA_FILE=$work/kubelets-ca.crt CGROUP_POLICY_PRESSURE_INTERVAL=1S # 30 s by default
start_operator "$work/operator.kubeconfig" >"$work/operator.log" 2>&1
show apply -f "$root/config/samples/audit.yaml"
show wait --for=condition=Ready --timeout=60s cgp/guard
echo "What is missing, by workload, and which pods that endangers:"
finds guard MemoryLimitMissing 'shop/cache: 3 pods, container app has no memory limit'
finds guard HazardousNeighbours 'worker-2: 3 pods without a memory limit.* next to 2 guaranteed pods.*'

title "Preview: what would the policy's limits do to running pods?"
k get cgp guard -o custom-columns='POLICY:.metadata.name,MODE:.spec.mode,PODS THAT GET A DEFAULT:.status.preview.wouldChange,PODS REJECTED:.status.preview.wouldReject'
expect "the preview" "$(status guard preview.wouldChange) $(status guard preview.wouldReject)" "3 2"
finds guard WouldReject 'search/indexer: 2 pods, would be rejected .*must be less than or equal to memory limit of 512Mi'
expect "LimitRanges and ResourceQuotas" "$(k get limitranges,resourcequotas -A -o name)" ""
echo "These pods keep running, but after the next rollout or node failure they would not come back. Nothing was written yet."

title "Enforce: every namespace has its LimitRange and its ResourceQuota, except the one where a pod would be rejected"
show apply -f "$root/config/samples/guard.yaml" # the same policy
show wait --for=condition=Ready --timeout=60s cgp/guard
limits
expect "namespaces with a LimitRange" "$(k get limitranges -A -o jsonpath='{.items[*].metadata.namespace}')" "default payments shop"
condition guard Ready
echo
expect "namespaces that wait" "$(status guard preview.waiting)" 1

title "Its owner fixes the workload, and the namespace no longer waits"
show -n search set resources deployment/indexer --limits=memory=2Gi
show -n search rollout status deployment/indexer --timeout=60s | uniq
show -n search wait --for=create limitrange/cgroup-policy --timeout=30s
k -n search wait --for=create resourcequota/cgroup-policy --timeout=30s # one at a time: with both, kubectl does not wait

title "A new namespace has both before anyone can use it; new pods get limits"
show create namespace late
k -n late wait --for=create limitrange/cgroup-policy --timeout=30s
k -n late wait --for=create resourcequota/cgroup-policy --timeout=30s
k -n late wait --for=create serviceaccount/default --timeout=30s >/dev/null
bare_pod late plain >/dev/null
pods -n late
expect "the memory limit of a new pod" "$(k -n late get pod plain -o jsonpath='{.spec.containers[0].resources.limits.memory}')" 512Mi
echo "A pod that requests more than the quota allows is rejected:"
if bare_pod late huge 100Gi 2>"$work/refusal"; then die "a pod of 100Gi was admitted"; fi
sed 's/^Error from server (Forbidden): error when creating "STDIN": /  /' "$work/refusal"

title "Someone deletes a LimitRange; the operator restores it and records an event"
show -n shop delete limitrange cgroup-policy
k -n shop wait --for=create limitrange/cgroup-policy --timeout=30s
eventually k -n shop get events.events.k8s.io -o name --field-selector reason=Reverted
k -n shop get events.events.k8s.io --field-selector reason=Reverted -o custom-columns='REASON:.reason,NAMESPACE:.regarding.name,NOTE:.note'

title "Limits do not change running pods. Which pods lack them, and how to recreate them"
finds guard PredatesLimitRange 'shop/cache: 3 pods, .*limits.memory=512Mi.*; kubectl rollout restart statefulset/cache -n shop'
finds guard HazardousNeighbours 'worker-2: 3 pods without a memory limit.* next to 2 guaranteed pods.*'

title "Before anyone has done so, worker-2 runs out of memory: the kernel's stall times (PSI), and the likely cause"
kubelets_now "worker-2=memory:12,${usage/cache-0=1.5/cache-0=5.1}"
finds guard PressureMemory 'worker-2: memory full 12 % over 60 s \(threshold 1 %\); 3 pods without a memory limit, largest shop/cache-0 at 5.1 GiB'
eventually k get events.events.k8s.io -o name --field-selector reason=PressureMemory
k get events.events.k8s.io --field-selector reason=PressureMemory -o custom-columns='TYPE:.type,REASON:.reason,NODE:.regarding.name'
condition guard PressureNormal
echo

title "We recreate these pods with the command from the violation"
restart=$(violations guard | sed -n 's/^PredatesLimitRange .*; kubectl //p')
# shellcheck disable=SC2086 # its words
show $restart
show -n shop rollout status statefulset/cache --timeout=60s | uniq
kubelets_now worker-2=memory:0 # their memory is free again
pods -A
show wait --for=condition=Compliant --timeout=60s cgp/guard
k get cgp guard -o go-template='{{range .status.conditions}}{{printf "  %-20s %-8s %s\n" .type .status .message}}{{end}}'

title "What kubelets must enforce. Three nodes: one is hardened, one has the defaults, one does not answer"
kubelets_now worker-3=refuse
k wait --for=create node/worker-3 --timeout=30s >/dev/null
k get nodes
show apply -f "$root/config/samples/nodes.yaml"
show wait --for=condition=Ready --timeout=60s cgp/nodes
k get cgp nodes -o custom-columns='POLICY:.metadata.name,SELECTED:.status.nodes.selected,COMPLIANT:.status.nodes.compliant,DRIFTED:.status.nodes.drifted,UNKNOWN:.status.nodes.unknown'
expect "the nodes' counters" "$(k get cgp nodes -o jsonpath='{.status.nodes.compliant} {.status.nodes.drifted} {.status.nodes.unknown}')" "1 1 1"

title "What each one lacks, as reported by the kubelets themselves, including flags and drop-ins"
k get cgp nodes -o go-template='{{printf "%-10s%-31s%-51s%s\n" "NODE" "CHECK" "EXPECTED" "ACTUAL"}}{{range .status.violations}}{{printf "%-10s%-31s%-51s%s\n" .name .check .expected .actual}}{{end}}'
expect "the violations" \
  "$(k get cgp nodes -o go-template='{{range .status.violations}}{{.name}} {{.check}};{{end}}')" \
  "worker-2 KubeletEnforceNodeAllocatable;worker-2 KubeletKubeReserved;worker-2 KubeletPodPidsLimit;worker-2 KubeletSystemReserved;worker-3 KubeletUnreachable;"
verdict=$(condition nodes NodesCompliant)
echo "$verdict"
expect "the verdict" "${verdict%%:*}" "NodesCompliant=False, DriftFound"

title "Least privilege: kubelets receive a token that opens nodes/configz and nodes/stats, and nothing else in the cluster"
asks system:serviceaccount:cgroup-policy-system:cgroup-policy-kubelet-reader
can yes get nodes --subresource=configz
can yes get nodes --subresource=stats
can no get nodes --subresource=proxy # permits exec into every pod
can no list pods
can no create limitranges

title "The operator itself cannot read kubelets. It can create that token, but no other"
asks system:serviceaccount:cgroup-policy-system:cgroup-policy-operator
can no get nodes --subresource=configz
can no get nodes --subresource=proxy
can yes create serviceaccounts/cgroup-policy-kubelet-reader --subresource=token -n cgroup-policy-system
can no create serviceaccounts/cgroup-policy-operator --subresource=token -n cgroup-policy-system
can yes list pods
can no create pods --subresource=exec
can yes watch events
can no delete events
can no delete pods
can no update nodes

title "What would make them comply, for the administrators who configure nodes; the operator applies none of it"
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
echo "There is also README.txt, and runtime.slice, the cgroup that the drop-in names"

title "The policies, as kubectl prints them. guard is Unknown, because worker-3 reports no pressure, which does not count as normal"
finds guard PressureUnavailable '.*'
show get cgp
expect "guard and nodes" "$(k get cgp -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Compliant")].status};{end}')" \
  "guard Unknown;nodes False;"
