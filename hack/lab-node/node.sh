#!/usr/bin/env bash
# A real kubelet on a real kernel: a virtual machine that is a node of a local cluster. See README.md, or run it without
# arguments.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cluster=$here/../local-cluster/cluster.sh
state=$here/.state
cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}/lab-node
marker=.lab-node # marks a directory as the state of a node
node=node-a
kernel_args=psi=1
memory=4096
patience=300
operands=()

usage() {
  cat <<'END'
Usage: node.sh COMMAND [--state DIR] [--cluster DIR] [--for-pods] [--kernel-args ARGS] [--memory MIB] [--wait SECONDS]

  build    build the guest's disk, unless it is cached
  up       start a cluster and a node in the background, and wait until the node is Ready
  down     stop both and remove their state; succeeds if there are none
  run      start only a node, print "READY <address>", run until SIGTERM, SIGINT or the end of stdin
  ssh      run a command in the guest, or a shell: node.sh ssh [COMMAND]
  load     give the guest an image, from an archive of one: node.sh load FILE
  base-image
           print the path of a base for the operator's image, which is built unless it is cached

  --state DIR         the node's directory, empty or new (default: .state next to this script)
  --cluster DIR       the state of the cluster, which runs with --nodes (default: DIR/cluster)
  --for-pods          set the InternalIP to the guest's own address, for an operator that runs in the guest (default: the
                      address at which this machine reaches the guest)
  --kernel-args ARGS  for the guest's kernel (default: psi=1)
  --memory MIB        the guest's memory (default: 4096)
  --wait SECONDS      how long the node may take to become Ready (default: 300; emulation is slow)
END
}

# shellcheck source=hack/local-cluster/common.sh
source "$here/../local-cluster/common.sh"
# shellcheck source=hack/lab-node/image.sh
source "$here/image.sh"
# shellcheck source=hack/lab-node/base-image.sh
source "$here/base-image.sh"

# The address of this machine that leads to the guest; each node has its own, so that its kubelet keeps port 10250.
address() { cat "$state/address"; }

choose_address() {
  local candidate
  for _ in {1..20}; do
    candidate=127.77.$((RANDOM % 254 + 1)).$((RANDOM % 254 + 1))
    (: <>"/dev/tcp/$candidate/10250") 2>/dev/null && continue
    echo "$candidate" >"$state/address"
    return
  done
  die "no free loopback address found for the node"
}

kubectl() {
  : "${kubectl:=$("$cluster" kubectl-path)}"
  KUBECTL_KUBERC=false "$kubectl" --kubeconfig "$cluster_state/kubeconfig" --cache-dir "$state/run/cache" "$@"
}

# What the guest unpacks when it starts: guest/usr/local/sbin/lab-node.
write_disk() {
  local files=$state/files
  rm -rf "$files"
  mkdir -p "$files/etc" "$files/root/.ssh"
  "$cluster" node-credentials "$node" "$(address)" "$files/etc/kubernetes" --state "$cluster_state"
  {
    echo "NODE_NAME=$node"
    echo "API_SERVER=$(sed -n 's#^ *server: https://##p' "$files/etc/kubernetes/kubelet.kubeconfig")"
  } >"$files/etc/lab-node.env"
  [[ -e $state/ssh ]] || ssh-keygen -q -t ed25519 -N '' -C lab-node -f "$state/ssh"
  cp "$state/ssh.pub" "$files/root/.ssh/authorized_keys"
  chmod -R go-rwx "$files/root"
  tar --create --file "$state/files.tar" --directory "$files" --owner 0 --group 0 etc root/.ssh/authorized_keys
  rm -rf "$files"
}

# Some machines have a /dev/kvm that fails when a CPU starts.
kvm_starts() {
  [[ -w /dev/kvm ]] && (timeout 10 qemu-system-x86_64 -accel kvm -cpu host -machine q35 -nodefaults -display none -S \
    -monitor stdio <<<quit || exit 1) >/dev/null 2>&1
}

# On others, it fails at an instruction of the kernel.
kvm_failed() { [[ $accelerator == kvm ]] && grep -q '^KVM internal error' "$state/logs/qemu-system-x86_64.log"; }

# start_guest ACCELERATOR: kvm, or tcg, which emulates.
start_guest() {
  accelerator=$1
  local flags=(-accel kvm -cpu host)
  [[ $accelerator == kvm ]] || flags=(-accel "tcg,thread=multi,tb-size=512" -cpu max)
  # pvpanic-pci: QEMU ends when the guest's kernel panics.
  # -snapshot: writes go to a file that ends with QEMU, so the cached disk stays as it was built.
  spawn qemu-system-x86_64 "${flags[@]}" -machine q35 -smp 2 -m "$memory" -nodefaults -no-user-config -display none \
    -device pvpanic-pci -snapshot -kernel "$image/vmlinuz" -initrd "$image/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet mitigations=off random.trust_cpu=on tsc=unstable nowatchdog $kernel_args" \
    -drive "file=$image/root.img,if=virtio,format=raw,cache=unsafe" -drive "file=$state/files.tar,if=virtio,format=raw" \
    -netdev "user,id=net,hostfwd=tcp:$(address):10250-:10250,hostfwd=tcp:$(address):2222-:22" \
    -device virtio-net-pci,netdev=net -device virtio-rng-pci -serial "file:$state/logs/console.log"
}

# As a cloud provider does: sets the address of a new node.
initialize_node() {
  local deadline=$((SECONDS + patience))
  until kubectl get node "$node" >/dev/null 2>&1; do
    if kvm_failed; then
      stop qemu-system-x86_64
      start_guest tcg
    fi
    alive qemu-system-x86_64 || fail qemu-system-x86_64 "QEMU ended during its start"
    ((SECONDS < deadline)) || fail console "$node did not register within $patience s"
    sleep 0.5
  done
  kubectl patch node "$node" --subresource=status --type=merge --patch "{\"status\": {\"addresses\": [
    {\"type\": \"InternalIP\", \"address\": \"${internal:-$(address)}\"}, {\"type\": \"ExternalIP\", \"address\": \"$(address)\"},
    {\"type\": \"Hostname\", \"address\": \"$node\"}]}}" >/dev/null
  kubectl taint node "$node" node.cloudprovider.kubernetes.io/uninitialized- >/dev/null 2>&1 || true
  kubectl wait --for=condition=Ready "node/$node" --timeout="$((deadline - SECONDS))s" >/dev/null ||
    fail console "$node was not Ready within $patience s"
}

# Before anything of the state may be stopped: it may be that of a running node.
claim() {
  mkdir -p "$state"
  ! alive qemu-system-x86_64 || die "a node is already running in $state"
  [[ -e $state/$marker || -z $(ls -A "$state") ]] || die "$state is neither empty nor the state of a node"
  rm -rf "$state/logs"
  umask 077
  touch "$state/$marker"
  mkdir -p "$state"/{run,logs}
}

start_node() {
  choose_address
  write_disk
  start_guest "$(kvm_starts && echo kvm || echo tcg)"
  initialize_node
}

# Keeps the logs, to investigate failed tests.
stop_node() {
  [[ -e $state/$marker ]] || return 0
  stop qemu-system-x86_64
  rm -rf "$state"/{run,address,files,files.tar,ssh,ssh.pub}
}

run() {
  build_image
  claim
  trap 'code=$?; trap "" INT TERM HUP; stop_node; exit $code' EXIT
  trap 'exit 0' INT TERM HUP
  start_node
  echo "READY $(address)"
  while alive qemu-system-x86_64; do
    read -r -t 0.5 _ || (($? > 128)) || return 0
  done
  fail console "QEMU ended unexpectedly"
}

up() {
  build_image
  claim
  lasting=yes
  trap 'code=$?; trap "" INT TERM HUP; down; exit $code' EXIT
  trap 'exit 130' INT TERM HUP
  "$cluster" up --nodes --state "$cluster_state" >/dev/null
  start_node
  trap - EXIT INT TERM HUP
  cat <<END
$node is Ready: $(kubectl get node "$node" --output 'jsonpath={.status.nodeInfo.kubeletVersion}, {.status.nodeInfo.kernelVersion}, {.status.nodeInfo.containerRuntimeVersion}')
  export KUBECONFIG="$cluster_state/kubeconfig"
  "$kubectl" get nodes
END
}

down() {
  stop_node
  "$cluster" down --state "$cluster_state"
  [[ ! -e $state/$marker ]] || rm -rf "${state:?}"/{logs,"$marker"}
  [[ ! -d $state ]] || rmdir "$state" 2>/dev/null || say "$state is not empty and was not removed"
}

# All commands share a connection, because under emulation each new one takes seconds. It ends with QEMU. Its socket has a
# relative path: that of the state may be too long for one.
enter() {
  alive qemu-system-x86_64 || die "no node is running in $state"
  cd "$state/run"
  ssh -q -i ../ssh -p 2222 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=10 \
    -o ControlMaster=auto -o ControlPath=ssh.socket -o ControlPersist=yes "root@$(address)" "$@"
}

load() {
  [[ -r ${1-} ]] || die "load needs the path of an image archive"
  enter ctr --namespace k8s.io images import - <"$1"
}

command=${1:-help}
(($# == 0)) || shift
cluster_state='' internal=''
while (($#)); do
  case $1 in
    --state) state=${2:?--state needs a directory} && shift 2 ;;
    --cluster) cluster_state=${2:?--cluster needs a directory} && shift 2 ;;
    --for-pods) internal=$guest_address && shift ;;
    --kernel-args) kernel_args=${2?--kernel-args needs arguments} && shift 2 ;;
    --memory) memory=${2:?--memory needs MiB} && shift 2 ;;
    --wait) patience=${2:?--wait needs seconds} && shift 2 ;;
    *)
      operands=("$@")
      break
      ;;
  esac
done
[[ $command == ssh || $command == load || ${#operands[@]} == 0 ]] || die "unknown argument: ${operands[0]}"
[[ $patience =~ ^[0-9]+$ && $memory =~ ^[0-9]+$ ]] || die "--wait and --memory must be numbers"
[[ $state == /* ]] || state=$PWD/${state#./}
[[ ${cluster_state:=$state/cluster} == /* ]] || cluster_state=$PWD/${cluster_state#./}

case $command in
  build) build_image ;;
  up) up ;;
  down) down ;;
  run) run ;;
  ssh) enter "${operands[@]}" ;;
  load) load "${operands[@]}" ;;
  base-image) java_base ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    die "unknown command: $command"
    ;;
esac
