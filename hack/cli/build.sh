#!/usr/bin/env bash
# Puts kubectl-cgp together for this platform: the jars of the module cli, a Java runtime of their modules, and a cache of the
# classes that a run loads. After: mvn package.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$here/../..
out=$root/target/cli
home=$out/kubectl-cgp
jdk=$("$root/hack/find-jdk.sh")
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.unsupported

rm -rf "$out"
mkdir -p "$home/lib"
cp "$root"/cli/target/lib/*.jar "$home/lib"
cp "$root"/cli/target/cgroup-policy-cli-*.jar "$home/lib/kubectl-cgp.jar"
cp "$here/jvm.options" "$home/lib"
cp "$here/kubectl-cgp" "$root/LICENSE" "$home"
"$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
  --output "$home/runtime" >/dev/null

# The training: an audit of a server that has one object of each kind.
work=$(mktemp -d)
server=''
finish() {
  [[ ! $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
password=training
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/certificate.pem" -days 2 -subj /CN=training \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl pkcs12 -export -inkey "$work/key.pem" -in "$work/certificate.pem" -passout "pass:$password" -out "$work/key.p12"
coproc SERVER { exec "$jdk/bin/java" "$here/TrainingServer.java" "$work/key.p12" "$password"; }
server=$SERVER_PID
read -r -t 60 -u "${SERVER[0]}" port || {
  echo "error: the server for the training of kubectl-cgp did not start" >&2
  exit 1
}
cat >"$work/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: training, cluster: {server: "https://127.0.0.1:$port", certificate-authority: "$work/certificate.pem"}}]
users: [{name: training, user: {client-certificate: "$work/certificate.pem", client-key: "$work/key.pem"}}]
contexts: [{name: training, context: {cluster: training, user: training}}]
current-context: training
END
train() { # ARGUMENTS
  "$home/runtime/bin/java" @"$home/lib/jvm.options" -XX:AOTCacheOutput="$home/lib/kubectl-cgp.aot" \
    -jar "$home/lib/kubectl-cgp.jar" "$@" >"$work/log" 2>&1
}
train audit --kubeconfig "$work/kubeconfig" || (($? == 1)) && grep -q '^Policy' "$work/log" || {
  cat "$work/log" >&2
  echo "error: the training of kubectl-cgp failed" >&2
  exit 1
}
os=$(uname -s | tr '[:upper:]' '[:lower:]')
archive=kubectl-cgp-$os-$(uname -m).tar.gz
tar --create --gzip --file "$out/$archive" --directory "$out" --owner 0 --group 0 kubectl-cgp
(cd "$out" && sha256sum "$archive" >"$archive.sha256")
echo "target/cli/kubectl-cgp/kubectl-cgp, and as an archive: target/cli/$archive"
