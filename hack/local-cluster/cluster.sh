#!/usr/bin/env bash
# A real Kubernetes control plane on loopback ports, without containers. See README.md, or run it without arguments.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
self=$here/${BASH_SOURCE[0]##*/}
state=$here/.state
audit_policy=$here/audit-policy.yaml
patience=120
detached=
nodes=
operands=()

usage() {
  cat <<'END'
Usage: cluster.sh COMMAND [--state DIR] [--wait SECONDS]

  build         build the programs, unless they are cached
  up            start a cluster in the background, or reuse the running one
  down          stop it and remove its state; succeeds if there is none
  status        print whether it runs; exit 0 if it is ready, 1 otherwise
  run           start a cluster, print "READY <kubeconfig>", run until SIGTERM, SIGINT or the end of stdin
  kubectl-path  print the path of a kubectl of the same version
  kubelet-path  build, unless it is cached, the kubelet, and print its path
  kubeletcheck-path
                build, unless it is cached, a program that loads and validates a configuration as a kubelet of the same
                version does, and print its path

  node-credentials NAME ADDRESS DIRECTORY
                write what a kubelet in a virtual machine needs, which this machine reaches at ADDRESS

  stop-PROGRAM | kill-PROGRAM | start-PROGRAM | restart-PROGRAM
                PROGRAM is apiserver, controller-manager, scheduler or etcd: stop one program of a running cluster, or
                end it with SIGKILL; start it again on the same port, with its data

  --state DIR      the cluster's directory, empty or new (default: .state next to this script)
  --audit-policy FILE
                   what goes to audit.log (default: audit-policy.yaml next to this script)
  --nodes          also run a scheduler, and the controllers that real nodes need
  --wait SECONDS   how long a start may take (default: 120)
END
}

need() { command -v "$1" >/dev/null || die "the local cluster needs $1, which was not found in PATH"; }

# shellcheck source=hack/local-cluster/common.sh
source "$here/common.sh"

# ---- build ----

packages=(
  go.etcd.io/etcd/server/v3
  k8s.io/kubernetes/cmd/kube-apiserver
  k8s.io/kubernetes/cmd/kube-controller-manager
  k8s.io/kubernetes/cmd/kubectl
)

# Sets cache, bin, version and ldflags. The name of bin depends on everything that affects a build.
locate() {
  need openssl
  cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}/local-cluster
  [[ $cache == /* ]] || cache=$PWD/$cache
  version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$here/go.mod")
  local package=k8s.io/component-base/version major minor _
  IFS=. read -r major minor _ <<<"${version#v}"
  # Without its own version, kubectl rejects servers.
  ldflags="-s -w -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor"
  local recipe=1 # increase it when build() changes
  bin=$cache/$({
    cat "$here/go.mod" "$here/go.sum"
    echo "$recipe $ldflags ${packages[*]} $(uname -sm)"
  } | digest)/bin
}

build() {
  [[ -d $bin ]] && return
  lock build
  if [[ ! -d $bin ]]; then # another process may have built it while we waited
    need go
    local required found
    required=$(awk '$1 == "go" { print $2 }' "$here/go.mod")
    # In the directory of go.mod, a go that may download newer toolchains prints the version that it would use.
    found=$(cd "$here" && GOWORK=off go env GOVERSION 2>/dev/null) || found=$(cd / && go version | cut -d' ' -f3)
    printf '%s\n' "$required" "${found#go}" | sort -V -C ||
      die "building the control plane needs Go $required or newer, but $(command -v go) is $found"

    say "Building the control plane ($version) once, about four minutes..."
    rm -rf "$cache"/unfinished.*
    local unfinished
    unfinished=$(mktemp -d "$cache/unfinished.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$unfinished'" EXIT
    (cd "$here" && GOWORK=off go build -mod=readonly -buildvcs=false -o "$unfinished/" -ldflags "$ldflags" "${packages[@]}") ||
      die "building the control plane failed"
    mv "$unfinished/server" "$unfinished/etcd"
    mkdir -p "${bin%/bin}"
    mv "$unfinished" "$bin"
    trap - EXIT
    say "Built: $bin"
  fi
  unlock
}

# separate NAME PACKAGE: prints the path of a program that is built only when it is needed.
separate() {
  local program sources=("$here"/go.{mod,sum})
  [[ $2 != ./* ]] || sources+=("$here/$2"/*.go)
  program=$cache/$({
    cat "${sources[@]}"
    echo "$1 $2 $ldflags $(uname -sm)"
  } | digest)/$1
  lock "$1"
  if [[ ! -x $program ]]; then
    need go
    say "Building $1 ($version) once..."
    mkdir -p "${program%/*}"
    # Without C, so that they run on a node with another C library.
    (cd "$here" && CGO_ENABLED=0 GOWORK=off go build -mod=readonly -buildvcs=false -o "$program.unfinished" \
      -ldflags "$ldflags" "$2") || die "building $1 failed"
    mv "$program.unfinished" "$program"
  fi
  unlock
  echo "$program"
}

# shellcheck source=hack/local-cluster/control-plane.sh
source "$here/control-plane.sh"

# ---- commands ----

up() {
  build
  with_nodes
  local pid='' deadline=$((SECONDS + patience + 15))
  if alive supervisor; then
    say "A cluster is already running in $state"
  else
    # In its own process group, so that it outlives this terminal and its Ctrl-C.
    set -m
    (
      trap '' HUP
      exec "$self" run --detached ${nodes:+--nodes} --state "$state" --audit-policy "$audit_policy" --wait "$patience" </dev/null >/dev/null
    ) &
    set +m
    pid=$!
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  fi
  until alive supervisor && [[ -e $state/ready ]] && ready; do
    if ! alive supervisor && ! { [[ $pid ]] && kill -0 "$pid" 2>/dev/null; }; then
      [[ ! -e $state/logs/supervisor.log ]] || cat "$state/logs/supervisor.log" >&2
      die "the cluster did not start"
    fi
    ((SECONDS < deadline)) || die "the cluster in $state is running but not ready; see $state/logs, or run 'down'"
    sleep 0.2
  done
  trap - INT TERM
  cat <<END
The cluster is up: $version at $(server)
  "$bin/kubectl" --kubeconfig "$state/kubeconfig" get namespaces
or, for this shell:
  export KUBECONFIG="$state/kubeconfig"
END
}

down() {
  if alive supervisor; then
    signal supervisor TERM
    local i
    for ((i = 0; i < 250; i++)); do
      alive supervisor || break
      sleep 0.1
    done
    signal supervisor KILL
  fi
  lock state
  ! alive supervisor || die "the cluster in $state was started again meanwhile"
  if [[ -e $state/$marker ]]; then
    stop_all # processes left by a killed supervisor
    forget
    rm -rf "${state:?}"/{logs,"$marker"} "$state"/audit*.log
    rmdir "$state" 2>/dev/null || say "$state is not empty and was not removed"
  fi
  unlock
}

status() {
  if ! alive supervisor; then
    echo "not running ($state)"
    return 1
  elif [[ -e $state/ready ]] && ready; then
    echo "ready: $version at $(server), kubeconfig $state/kubeconfig"
  else
    echo "running but not ready ($state)"
    return 1
  fi
}

# The supervisor must be the parent, so it does the work: it stops programs with a file in hold/, and starts the others.

# hold NAME [SIGNAL]: also sends the signal.
hold() {
  alive supervisor || die "no cluster is running in $state"
  touch "$state/hold/$1"
  [[ ! ${2-} ]] || signal "$1" "$2"
  while [[ -e $state/run/$1.pid ]]; do
    alive supervisor || die "the cluster in $state has ended"
    sleep 0.1
  done
}
release() {
  local deadline=$((SECONDS + patience))
  alive supervisor || die "no cluster is running in $state"
  rm -f "$state/hold/$1"
  until alive "$1" && { [[ $1 == kube-controller-manager || $1 == kube-scheduler ]] || ready; }; do
    alive supervisor || die "the cluster in $state has ended; see $state/logs"
    ((SECONDS < deadline)) || die "$1 was not ready again within $patience s; see $state/logs/$1.log"
    sleep 0.2
  done
}

# Sets program to that of a command such as stop-apiserver.
name_program() {
  case ${command#*-} in
    apiserver | controller-manager | scheduler) program=kube-${command#*-} ;;
    etcd) program=etcd ;;
    *)
      usage >&2
      die "unknown command: $command"
      ;;
  esac
}

((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || die "this script needs bash 4.4 or newer, not $BASH_VERSION"
command=${1:-help}
(($# == 0)) || shift
while (($#)); do
  case $1 in
    --state) state=${2:?--state needs a directory} && shift 2 ;;
    --audit-policy) audit_policy=${2:?--audit-policy needs a file} && shift 2 ;;
    --wait) patience=${2:?--wait needs seconds} && shift 2 ;;
    --nodes) nodes=yes && shift ;;
    --detached) detached=yes && shift ;; # only for 'up'
    *)
      if [[ $command != node-credentials || $1 == -* ]]; then
        usage >&2
        die "unknown argument: $1"
      fi
      operands+=("$1") && shift
      ;;
  esac
done
[[ $patience =~ ^[0-9]+$ ]] || die "--wait must be a number of seconds, not '$patience'"
[[ $state == /* ]] || state=$PWD/${state#./}
state=${state%/}
[[ $audit_policy == /* ]] || audit_policy=$PWD/$audit_policy
locate

case $command in
  build) build ;;
  up) up ;;
  down) down ;;
  status) status ;;
  run)
    build
    with_nodes
    run
    ;;
  kubectl-path)
    build
    echo "$bin/kubectl"
    ;;
  kubelet-path) separate kubelet k8s.io/kubernetes/cmd/kubelet ;;
  kubeletcheck-path) separate kubeletcheck ./kubeletcheck ;;
  node-credentials)
    ((${#operands[@]} == 3)) || die "node-credentials needs NAME ADDRESS DIRECTORY"
    node_credentials "${operands[@]}"
    ;;
  stop-* | kill-* | start-* | restart-*)
    name_program
    case $command in
      stop-*) hold "$program" ;;
      kill-*) hold "$program" KILL ;;
      start-*) release "$program" ;;
      restart-*)
        hold "$program"
        release "$program"
        ;;
    esac
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    die "unknown command: $command"
    ;;
esac
