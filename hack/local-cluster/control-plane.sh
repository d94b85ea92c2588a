# shellcheck shell=bash disable=SC2154
# The programs of one cluster and their supervisor; sourced by cluster.sh, which sets bin, cache, state, patience,
# audit_policy and nodes.
#
# In $state: kubeconfig, audit.log, logs/, etcd/ (data), pki/, run/ (running programs), hold/ (programs to stop), ready.

# In the order in which they must be stopped: an API server without its etcd hangs for minutes.
programs=(kube-apiserver kube-controller-manager etcd)
marker=.local-cluster # marks a directory as the state of a cluster

controllers=(
  garbage-collector namespace serviceaccount serviceaccount-token root-ca-certificate-publisher clusterrole-aggregation
  resourcequota deployment replicaset replicationcontroller statefulset daemonset job cronjob ttl-after-finished
  pod-garbage-collector persistentvolume-protection persistentvolumeclaim-protection # else deletions get stuck
)

# For real nodes (--nodes): a scheduler, and the controllers that watch nodes and allow evictions.
with_nodes() {
  [[ $nodes ]] || return 0
  scheduler=$(separate kube-scheduler k8s.io/kubernetes/cmd/kube-scheduler)
  programs=(kube-scheduler "${programs[@]}")
  controllers+=(node-lifecycle taint-eviction disruption)
}

stop_all() {
  local name
  signal kube-apiserver TERM
  signal kube-controller-manager TERM # otherwise the API server waits for its watches
  for name in "${programs[@]}"; do stop "$name"; done
}

# ---- certificates and kubeconfigs ----

# key NAME: pki/NAME.key.
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$state/pki/$1.key"; }

# certificate NAME SUBJECT USAGE [ADDRESSES]: pki/NAME.key and pki/NAME.crt, signed by the cluster's CA.
certificate() (
  cd "$state/pki" || exit 1
  key "$1"
  cat >"$1.cnf" <<END
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
[clientAuth]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[serverAuth]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
${4:+subjectAltName = $4}
[kubelet]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth,serverAuth
${4:+subjectAltName = $4}
END
  if [[ $3 == ca ]]; then
    openssl req -new -x509 -sha256 -days 365 -config "$1.cnf" -extensions ca -key "$1.key" -subj "$2" -out "$1.crt"
  else
    openssl req -new -config "$1.cnf" -key "$1.key" -subj "$2" -out "$1.csr"
    openssl x509 -req -sha256 -days 365 -in "$1.csr" -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" \
      -extfile "$1.cnf" -extensions "$3" -out "$1.crt" 2>/dev/null
  fi
)

certificates() {
  key service-accounts
  certificate ca /CN=local-cluster ca
  certificate apiserver /CN=kube-apiserver serverAuth "IP:127.0.0.1,IP:10.0.0.1,IP:$host_of_guests,DNS:localhost,$(
    printf 'DNS:kubernetes%s,' '' .default .default.svc
  )DNS:kubernetes.default.svc.cluster.local"
  certificate admin /O=system:masters/CN=admin clientAuth
  certificate controller-manager /CN=system:kube-controller-manager clientAuth
  if [[ $nodes ]]; then
    certificate scheduler /CN=system:kube-scheduler clientAuth
    certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  fi
}

embed() { openssl base64 -A -in "$state/pki/$1"; }

# kubeconfig NAME SERVER FILE: with everything in it.
kubeconfig() {
  cat >"$3" <<END
apiVersion: v1
kind: Config
current-context: local-cluster
contexts:
  - name: local-cluster
    context: { cluster: local-cluster, user: $1 }
clusters:
  - name: local-cluster
    cluster:
      server: $2
      certificate-authority-data: $(embed ca.crt)
users:
  - name: $1
    user:
      client-certificate-data: $(embed "$1.crt")
      client-key-data: $(embed "$1.key")
END
}

server() { sed -n 's/^ *server: //p' "$state/kubeconfig"; }

# node_credentials NAME ADDRESS DIRECTORY: what a kubelet in a virtual machine needs to serve at that address, and to reach
# the API server through QEMU's user networking.
node_credentials() {
  alive supervisor || die "no cluster is running in $state"
  certificate "$1" "/O=system:nodes/CN=system:node:$1" kubelet "DNS:$1,IP:$2,IP:$guest_address"
  mkdir -p "$3"
  cp "$state/pki/ca.crt" "$3/ca.crt"
  cp "$state/pki/$1.crt" "$3/kubelet.crt"
  cp "$state/pki/$1.key" "$3/kubelet.key"
  kubeconfig "$1" "https://$host_of_guests:$(server | sed 's/.*://')" "$3/kubelet.kubeconfig"
}

# Never the user's own configuration, preferences or cache.
kubectl() { KUBECTL_KUBERC=false "$bin/kubectl" --kubeconfig "$state/kubeconfig" --cache-dir "$state/run/cache" --request-timeout 3s "$@"; }

ready() { kubectl get --raw /readyz >/dev/null 2>&1; }

# ---- programs ----

start() {
  local pki=$state/pki to_kubelets=()
  case $1 in
    etcd)
      # Without fsync: several times faster, and a crash of the machine may cost no more than a test cluster.
      spawn "$bin/etcd" --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls http://127.0.0.1:0
      ;;
    kube-apiserver)
      # For logs and exec. The default prefers the hostname, which this machine cannot resolve. A node that has an ExternalIP is
      # reached there, and its InternalIP is the address for pods.
      [[ ! $nodes ]] || to_kubelets=(--kubelet-certificate-authority "$pki/ca.crt"
        --kubelet-client-certificate "$pki/apiserver-kubelet-client.crt"
        --kubelet-client-key "$pki/apiserver-kubelet-client.key"
        --kubelet-preferred-address-types ExternalIP,InternalIP)
      # OwnerReferencesPermissionEnforcement is on in OpenShift.
      spawn "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
        --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$api_port" \
        --service-cluster-ip-range 10.0.0.0/24 --endpoint-reconciler-type none \
        --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
        --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$pki/service-accounts.key" \
        --service-account-signing-key-file "$pki/service-accounts.key" \
        --authorization-mode Node,RBAC --allow-privileged --profiling=false \
        --enable-admission-plugins OwnerReferencesPermissionEnforcement \
        --audit-policy-file "$audit_policy" --audit-log-path "$state/audit.log" --audit-log-maxsize 100000 \
        "${to_kubelets[@]}"
      ;;
    kube-scheduler)
      spawn "$scheduler" --leader-elect=false --secure-port 0 \
        --kubeconfig "$pki/scheduler.kubeconfig" --authentication-skip-lookup
      ;;
    kube-controller-manager)
      spawn "$bin/kube-controller-manager" --kubeconfig "$pki/controller-manager.kubeconfig" --secure-port 0 --leader-elect=false \
        --controllers "$(printf '%s-controller,' "${controllers[@]}" | sed 's/,$//')" \
        --use-service-account-credentials --service-account-private-key-file "$pki/service-accounts.key" \
        --root-ca-file "$pki/ca.crt" --kube-api-qps 300 --kube-api-burst 600 \
        --concurrent-resource-quota-syncs 20 --concurrent-namespace-syncs 20
      ;;
  esac
}

# Sets REPLY to a free port, below those that the kernel assigns. Another process may still take it first.
free_port() {
  while REPLY=$((20000 + RANDOM % 12000)); do
    (: <>"/dev/tcp/127.0.0.1/$REPLY") 2>/dev/null || return 0
  done
}

# Fails if the port of etcd or the API server is in use.
start_api() {
  local name deadline=$((SECONDS + patience))
  free_port && etcd_port=$REPLY
  free_port && api_port=$REPLY
  local server=https://127.0.0.1:$api_port
  kubeconfig admin "$server" "$state/kubeconfig"
  kubeconfig controller-manager "$server" "$state/pki/controller-manager.kubeconfig"
  [[ ! $nodes ]] || kubeconfig scheduler "$server" "$state/pki/scheduler.kubeconfig"
  start etcd
  start kube-apiserver
  until ready; do
    idle || exit 0
    for name in etcd kube-apiserver; do
      alive "$name" && continue
      grep -q 'address already in use' "$state/logs/$name.log" && return 1
      fail "$name" "$name ended during its start"
    done
    ((SECONDS < deadline)) || fail kube-apiserver "kube-apiserver was not ready within $patience s"
  done
}

start_all() {
  local attempt deadline=$((SECONDS + patience))
  for attempt in 1 2 3 4 5; do
    start_api && break
    ((attempt < 5)) || die "no free ports found"
    stop_all
    rm -rf "$state"/{etcd,logs/etcd.log,logs/kube-apiserver.log}
  done
  start kube-controller-manager
  [[ ! $nodes ]] || start kube-scheduler
  # It works when the first service account exists, without which no pods can be created.
  until kubectl -n default get serviceaccount default >/dev/null 2>&1; do
    idle || exit 0
    alive kube-controller-manager || fail kube-controller-manager "kube-controller-manager ended during its start"
    ((SECONDS < deadline)) || fail kube-controller-manager "kube-controller-manager did not work within $patience s"
  done
}

# ---- supervisor ----

# Sleeps without a process; fails at the end of stdin, when the parent process has ended.
idle() { read -r -t 0.2 _ || (($? > 128)); }

# Claims the state directory, and removes what a killed supervisor left there.
claim() {
  lock state
  if alive supervisor; then
    [[ ! $detached ]] || exit 0 # another 'up' was faster; both wait for its cluster
    die "a cluster is already running in $state"
  fi
  mkdir -p "$state"
  [[ -e $state/$marker || -z $(ls -A "$state") ]] || die "$state is neither empty nor the state of a cluster"
  stop_all
  forget
  rm -rf "$state"/logs "$state"/audit*.log
  umask 077
  touch "$state/$marker"
  mkdir -p "$state"/{etcd,pki,run,hold,logs}
  record supervisor $$
  unlock
}

# Keeps the logs, to investigate failed tests.
forget() { rm -rf "$state"/{ready,kubeconfig,etcd,pki,hold,run}; }

finish() {
  local code=$?
  trap '' TERM INT HUP
  stop_all
  forget
  exit "$code"
}

run() {
  claim
  trap finish EXIT
  trap 'exit 0' TERM INT HUP
  if [[ $detached ]]; then
    mkfifo "$state/run/stdin"
    exec <>"$state/run/stdin" >"$state/logs/supervisor.log" 2>&1 # a stdin that never ends
  fi
  certificates
  start_all
  touch "$state/ready"
  echo "READY $state/kubeconfig"

  local name
  while idle; do
    for name in "${programs[@]}"; do
      if [[ -e $state/hold/$name ]]; then
        [[ ! -e $state/run/$name.pid ]] || stop "$name"
      elif [[ ! -e $state/run/$name.pid ]]; then
        start "$name"
      elif ! alive "$name" && [[ ! -e $state/hold/$name ]]; then
        fail "$name" "$name ended unexpectedly"
      fi
    done
  done
}
