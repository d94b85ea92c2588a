#!/usr/bin/env bash
# Builds the previous release from its commit, unless it is cached, and prints the directory of its sources and build.
# Upgrades are tested from it: docs/release.md. Its commit is named only here.
set -euo pipefail

version=0.1.0
commit=8825f5d239317ad55cfc1eb019a2705fc63c9503

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}/releases
[[ $cache == /* ]] || cache=$PWD/$cache
release=$cache/$version-${commit:0:12}

if [[ ! -d $release ]]; then
  if ! git -C "$root" cat-file -e "$commit^{commit}" 2>/dev/null; then
    echo "error: this clone lacks commit $commit, the previous release $version, from which upgrades are tested." \
      "If the clone is shallow, run 'git fetch --unshallow'. Without git, set CGROUP_POLICY_CACHE to a cache that has it." >&2
    exit 1
  fi
  echo "Building release $version ($commit) once, about a minute..." >&2
  mkdir -p "$cache"
  unfinished=$(mktemp -d "$cache/unfinished.XXXXXX")
  trap 'rm -rf "$unfinished"' EXIT
  git -C "$root" archive "$commit" | tar -x -C "$unfinished"
  (cd "$unfinished" && JAVA_HOME=$("$root/hack/find-jdk.sh") mvn -B -ntp -q package -pl operator -Dmaven.test.skip=true) >&2
  # Another process may have been faster.
  mv -T "$unfinished" "$release" 2>/dev/null || [[ -d $release ]]
fi
echo "$release"
