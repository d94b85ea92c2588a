# shellcheck shell=bash
# What demos share: how they end, and functions that show and verify their steps. Sourced by demo.sh and demo-node.sh, after
# session.sh. They set $kubectl.

work=$(mktemp -d)
finish() {
  local code=$? log
  trap '' INT TERM HUP
  if ((code != 0 && stopped == 0)); then
    for log in "$work"/*.log; do
      [[ -s $log ]] || continue
      echo "The demo failed. The end of ${log##*/}:" >&2
      tail -n 30 "$log" >&2
    done
  fi
  end_session >/dev/null 2>&1
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

# For the operator.
export QUARKUS_HTTP_PORT=0 CGROUP_POLICY_METRICS_PORT=0 QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_LOG_CONSOLE_JSON_ENABLED=false

bold='' dim='' plain=''
if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi

k() {
  go_on
  KUBECTL_KUBERC=false "$kubectl" --kubeconfig "$work/state/kubeconfig" --cache-dir "$work/cache" "$@"
}
title() { printf '\n%s\n' "$bold== $*$plain"; }
show() { # prints a command as a user would type it, and its output
  echo "$dim\$ kubectl ${*//"$root/"/}$plain"
  k "$@"
}

# eventually COMMAND...: waits until it prints something, up to $patience seconds
patience=30
eventually() {
  local deadline=$((SECONDS + patience))
  until [[ $("$@" 2>/dev/null) ]]; do
    ((SECONDS < deadline)) || die "timed out after $patience s waiting for: $*"
    go_on
    sleep 0.1
  done
}
expect() { # WHAT IS SHOULD
  [[ $2 == "$3" ]] || die "$1: got '$2', expected '$3'"
}
# asks ACCOUNT: the user of the calls of `can` that follow
asks() {
  account=$1
  echo "$dim\$ kubectl auth can-i ... --as=$account$plain"
}
# can yes|no VERB RESOURCE [FLAG...]
can() {
  local should=$1 is
  shift
  is=$(k auth can-i "$@" --as="$account" 2>/dev/null) || true
  printf '  %-44s %s\n' "$*" "$is"
  expect "can-i $*" "$is" "$should"
}

# violations POLICY: as CHECK MESSAGE, one per line
violations() {
  k get cgp "$1" -o go-template='{{range .status.violations}}{{.check}} {{.message}}{{"\n"}}{{end}}'
}
# finds POLICY CHECK REGEX: waits for a violation whose whole message matches, and shows it
finds() {
  local policy=$1 check=$2 regex=$3 message
  matching() { violations "$policy" | grep -xE "$check $regex" | cut -d' ' -f2-; }
  eventually matching
  message=$(matching)
  printf '  %s\n%s\n' "$check" "$(fold -s -w 112 <<<"$message" | sed 's/^/      /; s/ *$//')"
}
status() { # POLICY PATH
  k get cgp "$1" -o jsonpath="{.status.$2}"
}
condition() { # POLICY TYPE
  k get cgp "$1" -o go-template='{{range .status.conditions}}{{if eq .type "'"$2"'"}}{{.type}}={{.status}}, {{.reason}}: {{.message}}{{end}}{{end}}'
}

bare_pod() { # NAMESPACE NAME [MEMORY]
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
  k get pods -o custom-columns='NAMESPACE:.metadata.namespace,POD:.metadata.name,NODE:.spec.nodeName,QOS:.status.qosClass,MEMORY REQUEST:.spec.containers[0].resources.requests.memory,MEMORY LIMIT:.spec.containers[0].resources.limits.memory' "$@"
}
limits() {
  k get limitranges -A -o custom-columns='NAMESPACE:.metadata.namespace,LIMITRANGE:.metadata.name,POLICY:.metadata.labels.cgroup-policy\.io/policy,DEFAULT REQUEST:.spec.limits[0].defaultRequest,DEFAULT LIMIT:.spec.limits[0].default'
  k get resourcequotas -A -o custom-columns='NAMESPACE:.metadata.namespace,RESOURCEQUOTA:.metadata.name,POLICY:.metadata.labels.cgroup-policy\.io/policy,MEMORY LIMITS:.spec.hard.limits\.memory,MEMORY REQUESTS:.spec.hard.requests\.memory,CPU REQUESTS:.spec.hard.requests\.cpu,PODS:.spec.hard.pods'
}
