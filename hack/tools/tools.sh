#!/usr/bin/env bash
# The programs that the gates need, built once from their Go modules into a cache: each has a folder here, whose go.mod
# pins it. Of modules of their own, as some refuse to be installed by version, and cannot share dependencies.
#   tools.sh build         build all that are not there
#   tools.sh path NAME     build one, unless it is there, and print its path
#   tools.sh source NAME MODULE
#                          print the directory of a module that a tool is made of, for the files in it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}/tools

die() {
  echo "error: $*" >&2
  exit 1
}

# Without the parts that need C libraries.
tags=containers_image_openpgp,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper,json1

# Prints the path of the program NAME, made of the tool that the go.mod of its folder names, or of the folder itself.
path() {
  local name=$1 module=$here/$1 program what
  [[ -f $module/go.mod ]] || die "there is no tool $name"
  what=$(awk '$1 == "tool" { print $2 }' "$module/go.mod")
  program=$cache/$name-$(cat "$module"/*.* <(echo "$tags $(uname -sm)") | openssl dgst -sha256 -r | cut -c1-16)
  if [[ ! -x $program ]]; then
    mkdir -p "$cache"
    exec 9>"$cache/$name.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [[ ! -x $program ]]; then # nobody else has built it while we waited
      command -v go >/dev/null || die "go is needed to build $name and was not found in PATH"
      echo "Building $name once..." >&2
      (cd "$module" && CGO_ENABLED=0 GOWORK=off go build -mod=readonly -buildvcs=false -ldflags "-s -w" -tags "$tags" \
        -o "$program.unfinished" "${what:-.}") || die "$name could not be built"
      mv "$program.unfinished" "$program"
    fi
    exec 9>&-
  fi
  echo "$program"
}

case ${1:-} in
  build)
    for module in "$here"/*/go.mod; do
      path "$(basename "$(dirname "$module")")" >/dev/null
    done
    ;;
  path) path "${2:?a name}" ;;
  source) cd "$here/${2:?a tool}" && GOWORK=off go list -m -f '{{.Dir}}' "${3:?a module}" ;;
  *) die "build, path NAME, or source NAME MODULE" ;;
esac
