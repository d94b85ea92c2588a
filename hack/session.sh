# shellcheck shell=bash
# A cluster, an operator, simulated kubelets and a real node that end with this shell, however it ends. Sourced by run.sh,
# demo.sh and demo-node.sh.
#
# A signal sets $stopped and ends the command that we wait for. It never interrupts this shell, so two signals, or a signal
# during the cleanup, leave nothing behind. If the shell is killed, everything ends too: the cluster, the kubelets and the
# node watch their stdin, a pipe from here, and the kernel ends the operator (Linux).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cluster=$root/hack/local-cluster/cluster.sh
lab_node=$root/hack/lab-node/node.sh
java=${JAVA:-$("$root/hack/find-jdk.sh")/bin/java}
guard=() # makes the kernel end a child with this shell (Linux)
if setpriv --pdeathsig TERM true 2>/dev/null; then guard=(setpriv --pdeathsig TERM); fi
stopped=0
awaited='' cluster_pid='' cluster_state='' operator='' kubelets='' to_kubelets='' node='' to_node='' news=''

die() {
  echo "error: $*" >&2
  exit 1
}

noted() {
  stopped=$1
  [[ ! $awaited ]] || kill -- "$awaited" 2>/dev/null || true
}
trap 'noted 130' INT
trap 'noted 143' TERM
trap 'noted 129' HUP

# Exits if a signal arrived. To be called between steps.
go_on() { ((stopped == 0)) || exit "$stopped"; }

# Runs a command in its own process group, so that a signal ends it and its children at once. A trap would wait for a
# foreground command.
step() {
  local pid status=0
  set -m
  "$@" </dev/null &
  pid=$!
  set +m
  awaited=-$pid
  ((stopped == 0)) || noted "$stopped" # the signal came before $awaited was set
  wait "$pid" || status=$?
  while kill -0 "$pid" 2>/dev/null; do
    status=0
    wait "$pid" || status=$?
  done
  awaited=''
  go_on
  return "$status"
}

# start_cluster STATE_DIRECTORY [FLAG...]
start_cluster() {
  local line='' status
  step "$cluster" build
  cluster_state=$1
  shift
  set -m # its own process group: Ctrl-C reaches only this shell, which ends the operator first
  coproc PLANE { exec "$cluster" run --state "$cluster_state" "$@"; }
  set +m
  cluster_pid=$PLANE_PID news=${PLANE[0]} # the shell unsets the array when the cluster ends
  until [[ $line == READY* ]]; do
    status=0
    IFS= read -r -t 1 -u "$news" line || status=$?
    go_on
    ((status == 0 || status > 128)) || die "the cluster did not start"
  done
}

# start_kubelets ADMIN_KUBECONFIG CA_FILE NODES=KIND...: in the background, as $kubelets; prints READY when they serve.
# They appear to run the pods that are bound to their nodes. They are part of the tests ('make build-tests'), and end when
# their stdin, a pipe from here, is closed.
start_kubelets() {
  exec {to_kubelets}> >(exec "${guard[@]}" "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m \
    --sun-misc-unsafe-memory-access=allow -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -cp "$root/operator/target/test-classes:$root/operator/target/classes:$(<"$root/operator/target/test.classpath")" \
    io.cgrouppolicy.testing.kubelet.KubeletSimulator --run-pods "$@")
  kubelets=$!
}

# start_teams KUBECTL...: creates the workloads of three teams on the nodes worker-1 and worker-2, and prints them.
start_teams() {
  local team
  for team in payments search shop; do
    "$@" create namespace "$team" >/dev/null
  done
  for team in payments search shop; do
    "$@" -n "$team" wait --for=create serviceaccount/default --timeout=30s >/dev/null
  done
  "$@" apply -f "$root/hack/demo/teams.yaml"
}

# kubelets_now NODES=KIND: adds or changes a kubelet
kubelets_now() { echo "$1" >&"$to_kubelets"; }

# start_node STATE_DIRECTORY LOG: in the background, as $node; a virtual machine. Returns when it is Ready.
start_node() {
  exec {to_node}> >(exec "$lab_node" run --state "$1" --cluster "$cluster_state" >"$2" 2>&1)
  node=$!
  until grep -q '^READY' "$2"; do
    kill -0 "$node" 2>/dev/null || die "the node did not start: $(<"$2")"
    go_on
    sleep 0.5
  done
}

# start_operator KUBECONFIG: in the background, as $operator, with the same output as this shell.
start_operator() {
  # JAVA_OPTS is a list of flags.
  # shellcheck disable=SC2086
  KUBECONFIG=$1 "${guard[@]}" "$java" @"$root/config/jvm.options" ${JAVA_OPTS:-} \
    -jar "$root/operator/target/quarkus-app/quarkus-run.jar" </dev/null &
  operator=$!
}

# Waits until the operator or its cluster ends, or a signal arrives.
attend() {
  local status=0
  awaited=$operator
  ((stopped == 0)) || noted "$stopped"
  while kill -0 "$operator" 2>/dev/null; do
    if [[ ! $cluster_pid ]]; then
      wait "$operator" || true
    elif kill -0 "$cluster_pid" 2>/dev/null; then
      read -r -t 1 -u "$news" _ || true
    else
      die "the cluster ended unexpectedly"
    fi
  done
  awaited=''
  wait "$operator" || status=$?
  operator=''
  go_on
  die "the operator ended unexpectedly, with status $status"
}

# For the EXIT trap. Stops the operator first, so that it can release its lease.
end_session() {
  local i pid
  trap '' INT TERM HUP
  if [[ $operator ]]; then
    kill "$operator" 2>/dev/null || true
    for ((i = 0; i < 150; i++)); do
      kill -0 "$operator" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$operator" 2>/dev/null || true
    wait "$operator" 2>/dev/null || true
  fi
  for pid in $kubelets $node; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [[ $cluster_pid ]]; then
    kill -- "-$cluster_pid" 2>/dev/null || true
    wait "$cluster_pid" 2>/dev/null || true
    "$cluster" down --state "$cluster_state"
  fi
}
