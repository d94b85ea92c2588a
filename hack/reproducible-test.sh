#!/usr/bin/env bash
# Checks that the same sources give the same operator, byte for byte, in any directory and time zone. It excludes one file:
# Quarkus numbers the values in quarkus/generated-bytecode.jar in the order of its build threads.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
JAVA_HOME=$("$root/hack/find-jdk.sh")
export JAVA_HOME
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Times in jars are local times, so .mvn sets the time zone of Maven.
for copy in UTC/first Pacific/Auckland/second; do
  mkdir -p "$work/$copy"
  cp -R "$root/pom.xml" "$root/.mvn" "$work/$copy/"
  for module in "$root"/*/pom.xml; do
    mkdir "$work/$copy/$(basename "${module%/*}")"
    cp -R "$module" "${module%/*}/src" "$work/$copy/$(basename "${module%/*}")/"
  done
  (cd "$work/$copy" && TZ=${copy%/*} mvn -B -ntp -q package -pl operator -Dmaven.test.skip=true)
  (cd "$work/$copy/operator/target/quarkus-app" && find . -type f ! -path ./quarkus/generated-bytecode.jar -print0 | sort -z | xargs -0 openssl dgst -sha256 -r) >"$work/${copy##*/}.sums"
done
[[ $(wc -l <"$work/first.sums") -gt 10 ]] || {
  echo "error: nothing was packaged" >&2
  exit 1
}
diff "$work/first.sums" "$work/second.sums" || {
  echo "error: two builds of the same sources differ" >&2
  exit 1
}
echo "ok: two builds of the same sources have the same $(wc -l <"$work/first.sums") files"
