#!/usr/bin/env bash
# Prints the home of a JDK 25 or newer: JAVA_HOME, else that of the javac in PATH, else the newest in the usual places.
set -euo pipefail

version() { # of the JDK in a directory; 0 when there is none
  local found=''
  [[ ! -x $1/bin/javac ]] || found=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null) || true
  echo "${found:-0}"
}
in_path() { # the home of the javac in PATH, with links resolved
  local javac
  javac=$(readlink -f "$(command -v javac)" 2>/dev/null) || return 0
  echo "${javac%/bin/javac}"
}

for home in "${JAVA_HOME:-}" "$(in_path)"; do
  if [[ $home ]] && (($(version "$home") >= 25)); then
    echo "$home"
    exit
  fi
done
best='' newest=24
shopt -s nullglob
for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
  found=$(version "$home")
  if ((found > newest)); then best=$home newest=$found; fi
done
if [[ ! $best ]]; then
  echo "error: no JDK 25 or newer was found in JAVA_HOME${JAVA_HOME:+ ($JAVA_HOME)}, PATH or the usual places; install" \
    "one, or set JAVA_HOME" >&2
  exit 1
fi
echo "$best"
