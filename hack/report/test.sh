#!/usr/bin/env bash
# Opens the HTML report in Chromium, and uses it as a reader does: browser.mjs. Screenshots are in target/report.
# Needs the module cli and its tests: make test-report. On Debian and Ubuntu, root gets Node.js and Chromium by itself.
#   CHROMIUM=PATH   a Chromium or Chrome to use
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$here/../..
cache=${CGROUP_POLICY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgroup-policy}
out=$root/target/report

die() {
  echo "error: $*" >&2
  exit 1
}

# Installs packages of Debian, or fails with what to do.
install() { # WHAT ADVICE PACKAGE...
  local what=$1 advice=$2
  shift 2
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    die "$what is missing: $advice"
  fi
  echo "Installing $what once..." >&2
  export DEBIAN_FRONTEND=noninteractive
  { apt-get install -y -qq --no-install-recommends "$@" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; }; } \
    >"$out/apt.log" 2>&1 || die "cannot install $*: see target/report/apt.log, or $advice"
}

# Prints the path of a Chromium. The chromium-browser of Ubuntu may be a script that asks for a snap.
find_chromium() {
  local name
  for name in chromium google-chrome-stable google-chrome chromium-browser; do
    if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  return 1
}

rm -rf "$out"
mkdir -p "$out"
command -v node >/dev/null || install Node.js "install Node.js 20 or newer" nodejs
command -v npm >/dev/null || install npm "install npm" npm
if [[ ! ${CHROMIUM:-} ]]; then
  CHROMIUM=$(find_chromium) || {
    install Chromium "install Chromium or Chrome, or set CHROMIUM to its path" chromium
    CHROMIUM=$(find_chromium) || die "Chromium was not found: set CHROMIUM to its path"
  }
fi
[[ -x $CHROMIUM ]] || die "CHROMIUM=$CHROMIUM is no program"

modules=$cache/report-$(cat "$here/package-lock.json" <(node --version) | sha256sum | cut -c1-16)
if [[ ! -d $modules ]]; then
  echo "Installing playwright-core and axe-core once..." >&2
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/unfinished.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work"
  (cd "$work" && npm ci --ignore-scripts >"$out/npm.log" 2>&1) || die "npm ci failed: see target/report/npm.log"
  mv -T "$work" "$modules" || [[ -d $modules ]] # another process may have been faster
fi

java=$("$root/hack/find-jdk.sh")/bin/java
[[ -f $root/cli/target/test.classpath ]] || die "the module cli is not built: run make test-report"
"$java" -cp "$root/cli/target/test-classes:$root/cli/target/classes:$(cat "$root/cli/target/test.classpath")" \
  io.cgrouppolicy.cli.output.ReportPages "$out"
MODULES=$modules CHROMIUM=$CHROMIUM node "$here/browser.mjs" "$out"
