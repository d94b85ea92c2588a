# shellcheck shell=bash disable=SC2154
# What cluster.sh and the lab node's node.sh share: addresses, messages, locks, digests and processes; sourced by them. They
# set cache, for locks, and state: its run/NAME.pid has the pid and the birth of each process, and logs/NAME.log its output.

# QEMU's user networking: where a guest finds this machine's 127.0.0.1, and the guest's own address.
host_of_guests=10.0.2.2
guest_address=10.0.2.15

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}

# fail LOG MESSAGE: prints the end of a log and exits.
fail() {
  say "error: $2. The end of $state/logs/$1.log:"
  tail -n 12 "$state/logs/$1.log" | cut -c1-400 >&2
  exit 1
}

# One lock per name, across processes; released by unlock or at exit. Without flock (macOS), there is no lock.
lock() {
  mkdir -p "$cache"
  exec 9>"$cache/$1.lock"
  if command -v flock >/dev/null; then flock 9; fi
}
unlock() { exec 9>&-; }

# Shortens stdin to a name for a cache.
digest() { openssl dgst -sha256 -r | cut -c1-16; }

# ---- processes ----

# Sets REPLY to a value that distinguishes a process from a later one with the same pid; fails if there is no such process.
# The 1 of each return matters: within a trap, a bare return gives the status from before the trap.
birth() {
  local stat fields boot
  if [[ -d /proc/self ]]; then
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -r boot </proc/sys/kernel/random/boot_id
    read -ra fields <<<"${stat##*) }" # from the third field on: the second, the name, may contain anything
    [[ ${fields[0]} != Z ]] || return 1
    REPLY=${fields[19]}@$boot # start time in ticks since boot
  else
    read -r REPLY < <(ps -o lstart= -p "$1")
  fi
}

alive() {
  local pid born
  { read -r pid born <"$state/run/$1.pid"; } 2>/dev/null && birth "$pid" && [[ $REPLY == "$born" ]]
}

record() {
  REPLY=gone
  birth "$2" || true
  echo "$2 $REPLY" >"$state/run/$1.pid"
}

signal() {
  local pid _
  if alive "$1" && read -r pid _ <"$state/run/$1.pid"; then kill -s "$2" "$pid" 2>/dev/null || true; fi
}

# spawn PROGRAM FLAG...: in its own process group, so that Ctrl-C reaches only the supervisor, and with an empty
# environment, because etcd and Go read settings from it. With $lasting set, it outlives this shell.
spawn() {
  local name=${1##*/} guard=()
  # If supported, the kernel ends the programs when the supervisor is killed; all at once, so that none hangs.
  if [[ ! ${lasting-} ]] && setpriv --pdeathsig KILL true 2>/dev/null; then guard=(setpriv --pdeathsig KILL); fi
  set -m
  env -i PATH="$PATH" HOME="$state" "${guard[@]}" "$@" </dev/null >>"$state/logs/$name.log" 2>&1 &
  set +m
  record "$name" $!
  disown $!
}

# A killed API server loses nothing: it completes its requests at once, and then waits up to a minute for watches. The other
# programs end on SIGTERM.
stop() {
  local i patient=50
  [[ $1 != kube-apiserver ]] || patient=20
  signal "$1" TERM
  for ((i = 0; i < patient + 20; i++)); do
    alive "$1" || break
    ((i < patient)) || signal "$1" KILL
    sleep 0.1
  done
  rm -f "$state/run/$1.pid"
}
