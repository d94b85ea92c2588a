#!/usr/bin/env bash
# Prints the home of a JDK of version 25 or newer: JAVA_HOME if it is one, else the newest of the usual places.
set -euo pipefail

version() { # of the JDK in a directory; nothing when there is none
  [[ -x $1/bin/javac ]] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}
if [[ ${JAVA_HOME:-} ]] && (($(version "$JAVA_HOME" || echo 0) >= 25)); then
  echo "$JAVA_HOME"
  exit
fi
best='' newest=24
shopt -s nullglob
for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
  found=$(version "$home" || true)
  if ((${found:-0} > newest)); then best=$home newest=$found; fi
done
if [[ ! $best ]]; then
  echo "error: JDK 25 or newer was not found; install one, or set JAVA_HOME" >&2
  exit 1
fi
echo "$best"
