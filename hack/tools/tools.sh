#!/usr/bin/env bash
# Builds the programs that the gates need, once, into a cache. Each has a folder here, whose go.mod pins it. They have
# separate modules, because some cannot be installed by version or share dependencies. A folder without a program pins
# modules that are needed only for their files.
#   tools.sh build         build all programs that are not cached, and download the modules without a program
#   tools.sh path NAME     build one, unless it is cached, and print its path
#   tools.sh source NAME MODULE
#                          print the directory of a module that a folder requires, for the files in it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}/tools

die() {
  echo "error: $*" >&2
  exit 1
}

# Excludes the parts that need C libraries.
tags=containers_image_openpgp,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper,json1

# Prints the path of the program NAME, built from the tool that the folder's go.mod names, or from the folder itself.
path() {
  local name=$1 module=$here/$1 program what
  [[ -f $module/go.mod ]] || die "there is no tool $name"
  what=$(awk '$1 == "tool" { print $2 }' "$module/go.mod")
  program=$cache/$name-$(cat "$module"/*.* <(echo "$tags $(uname -sm)") | openssl dgst -sha256 -r | cut -c1-16)
  if [[ ! -x $program ]]; then
    mkdir -p "$cache"
    exec 9>"$cache/$name.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [[ ! -x $program ]]; then # another process may have built it while we waited
      command -v go >/dev/null || die "building $name needs go, which was not found in PATH"
      echo "Building $name once..." >&2
      (cd "$module" && CGO_ENABLED=0 GOWORK=off go build -mod=readonly -buildvcs=false -ldflags "-s -w" -tags "$tags" \
        -o "$program.unfinished" "${what:-.}") || die "building $name failed"
      mv "$program.unfinished" "$program"
    fi
    exec 9>&-
  fi
  echo "$program"
}

# Succeeds if the folder NAME has a program.
builds() {
  grep -q '^tool ' "$here/$1/go.mod" || compgen -G "$here/$1/*.go" >/dev/null
}

# Prints the directory of MODULE, which the folder NAME requires. A build has usually downloaded it.
directory() {
  local found
  cd "$here/$1"
  found=$(GOWORK=off go list -m -f '{{.Dir}}' "$2")
  if [[ -z $found ]]; then
    GOWORK=off go mod download "$2" # only its own files, verified with go.sum
    found=$(GOWORK=off go list -m -f '{{.Dir}}' "$2")
  fi
  echo "$found"
}

case ${1:-} in
  build)
    for module in "$here"/*/go.mod; do
      name=$(basename "$(dirname "$module")")
      if builds "$name"; then
        path "$name" >/dev/null
      else
        (cd "$here/$name" && GOWORK=off go mod download)
      fi
    done
    ;;
  path) path "${2:?a name}" ;;
  source) directory "${2:?a name}" "${3:?a module}" ;;
  *) die "usage: tools.sh build | path NAME | source NAME MODULE" ;;
esac
