#!/usr/bin/env bash
# Shows on a real node that the kernel does what a policy says. It fails if it does not show what it should.
set -euo pipefail

# shellcheck source=hack/session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"
# shellcheck source=hack/demo/narration.sh
source "$root/hack/demo/narration.sh"
patience=120 # under emulation, a container takes seconds to start

step "$lab_node" build
kubectl=$("$cluster" kubectl-path)

guest() { "$lab_node" ssh --state "$work/node" "$@"; }
pod() { # NAME SCRIPT PHASE: creates a pod without limits, and waits for its phase
  k -n team apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "localhost/busybox:1", command: [sh, -c, '$2']}]
END
  k -n team wait --for=jsonpath='{.status.phase}'="$3" --timeout="${patience}s" "pod/$1" >/dev/null
}
cgroup() { # POD: its directory in the guest
  local uid
  uid=$(k -n team get pod "$1" -o jsonpath='{.metadata.uid}')
  guest "find /sys/fs/cgroup/kubepods.slice -name '*-pod${uid//-/_}.slice'"
}
kernel() { # FILE OF THE GUEST...: with what they contain
  echo "$dim\$ grep . ${*##*/}    # in the guest$plain"
  guest "cd ${1%/*} && grep . ${*##*/}" | sed 's/^/  /'
}

title "A real node: a kubelet, containerd and systemd on a kernel of their own, in a virtual machine"
start_cluster "$work/state" --nodes
start_node "$work/node" "$work/node.log"
show get nodes -o custom-columns='NODE:.metadata.name,KUBELET:.status.nodeInfo.kubeletVersion,KERNEL:.status.nodeInfo.kernelVersion,RUNTIME:.status.nodeInfo.containerRuntimeVersion'

title "The operator starts, with its own ServiceAccount, and we apply a policy"
step "$root/hack/install.sh" "$work/state/kubeconfig" "$work/operator.kubeconfig"
export CGROUP_POLICY_KUBELET_INTERVAL=5S # 5 min by default
start_operator "$work/operator.kubeconfig" >"$work/operator.log" 2>&1
sed 's/^/  /' "$root/hack/demo/node.yaml"
show apply -f "$root/hack/demo/node.yaml"
k create namespace team >/dev/null
k -n team wait --for=create limitrange/cgroup-policy --timeout=30s >/dev/null
k -n team wait --for=create serviceaccount/default --timeout=30s >/dev/null

title "A pod without limits gets those of the policy, and so does the kernel"
pod web 'sleep 3600' Running
id=$(k -n team get pod web -o jsonpath='{.status.containerStatuses[0].containerID}')
container=$(guest "find $(cgroup web) -name 'cri-containerd-${id#containerd://}.scope'")
kernel "$container"/{memory.max,cpu.max}
expect "memory.max" "$(guest "cat $container/memory.max")" "$((128 << 20))"

title "A memory hog dies in its own cgroup. Nothing else on the node does"
# The runtime needs a moment until it notices who kills a process.
pod hog 'sleep 2; dd if=/dev/zero of=/dev/null bs=300M count=1' Failed
expect "how the hog ended" "$(k -n team get pod hog -o jsonpath='{.status.containerStatuses[0].state.terminated.reason}')" OOMKilled
k get pods -n team -o custom-columns='POD:.metadata.name,PHASE:.status.phase,REASON:.status.containerStatuses[0].state.terminated.reason'
show wait --for=condition=Ready --timeout=5s node/node-a

title "But nothing limits the processes of a pod: the kubelet has no podPidsLimit, so the kernel has none"
finds guard KubeletPodPidsLimit '.*unlimited.*'
kernel "$(cgroup web)/pids.max"
expect "pids.max" "$(guest "cat $(cgroup web)/pids.max")" max

title "The operator publishes what would change that. We put it on the node and restart the kubelet: enough for new pods"
remedy=$(k -n cgroup-policy-system get configmap cgroup-policy-remedy-guard -o jsonpath='{.data.90-cgroup-policy\.conf}')
sed 's/^/  /' <<<"$remedy"
guest 'cat >/etc/kubernetes/kubelet.conf.d/90-cgroup-policy.conf && systemctl restart kubelet' <<<"$remedy"
show wait --for=condition=NodesCompliant --timeout=60s cgp/guard

title "A fork bomb"
pod bomb '(while :; do sleep 3600 & done) 2>/dev/null; sleep 3600' Running
bomb=$(cgroup bomb)
failed() { guest "grep -v 'max 0' $bomb/pids.events"; }
eventually failed
verdict=$(condition guard NodesCompliant)
printf '  %-44s %s\n' \
  "the operator's verdict" "${verdict%%:*}" \
  "pids.max, the limit in the pod's cgroup" "$(guest "cat $bomb/pids.max")" \
  "pids.current, its processes" "$(guest "cat $bomb/pids.current")" \
  "pids.events, forks that the kernel refused" "$(failed | sed 's/max //')" \
  "processes on the node" "$(guest 'ls -d /proc/[0-9]* | wc -l')" \
  "the node" "$(k get node node-a -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}')"
expect "pids.max" "$(guest "cat $bomb/pids.max")" 256
expect "the verdict" "${verdict%%:*}" "NodesCompliant=True, Compliant"
k wait --for=condition=Ready --timeout=5s node/node-a >/dev/null
