#!/usr/bin/env bash
# Puts kubectl-cgp together for this platform: the jars of the module cli, a Java runtime of their modules, and a cache of the
# classes that a run loads. After: mvn package. Also for the bash and the tar of macOS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$here/../..
out=$root/target/cli
home=$out/kubectl-cgp
jdk=$("$root/hack/find-jdk.sh")
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.unsupported
version=$(sed -n '/<artifactId>cgroup-policy</{n;s/.*<version>\(.*\)<.*/\1/p;q;}' "$root/pom.xml")

die() {
  echo "error: $*" >&2
  exit 1
}

# krew's words for the platform of the JDK, which may not be that of the machine.
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(sed -n 's/^OS_ARCH="\(.*\)"/\1/p' "$jdk/release")
case ${arch:=$(uname -m)} in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
esac

rm -rf "$out"
mkdir -p "$home/lib" "$home/completion"
work=$(mktemp -d)
server=''
finish() {
  [[ ! $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cp "$root"/cli/target/lib/*.jar "$home/lib"
cp "$root/cli/target/cgroup-policy-cli-$version.jar" "$home/lib/kubectl-cgp.jar"
cp "$here/jvm.options" "$home/lib"
cp "$here/kubectl-cgp" "$root/LICENSE" "$home"
cp "$here/kubectl-cgp" "$home/kubectl_complete-cgp"
"$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
  --output "$work/runtime" >/dev/null
cp -RL "$work/runtime" "$home/runtime" # krew accepts no links, with which jlink shares licenses
java() { # ARGUMENTS
  "$home/runtime/bin/java" @"$home/lib/jvm.options" "$@"
}
java -jar "$home/lib/kubectl-cgp.jar" generate-completion >"$home/completion/kubectl-cgp.sh"
# The same for every user, umask and time. The cache is only valid for jars of this time; the launcher knows it.
normalize() {
  chmod -R u+w,a+rX,go-w "$home"
  find "$home" -exec env TZ=UTC0 touch -t 200001010000 {} +
}
normalize

# The training: an audit of a server that has one object of each kind.
password=training
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/certificate.pem" -days 2 -subj /CN=training \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl pkcs12 -export -inkey "$work/key.pem" -in "$work/certificate.pem" -passout "pass:$password" -out "$work/key.p12"
mkfifo "$work/stdin" "$work/stdout"
"$jdk/bin/java" "$here/TrainingServer.java" "$work/key.p12" "$password" <"$work/stdin" >"$work/stdout" &
server=$!
exec 3>"$work/stdin" 4<"$work/stdout" # the server ends with its stdin
read -r -t 60 -u 4 port || die "the server for the training of kubectl-cgp did not start"
cat >"$work/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: training, cluster: {server: "https://127.0.0.1:$port", certificate-authority: "$work/certificate.pem"}}]
users: [{name: training, user: {client-certificate: "$work/certificate.pem", client-key: "$work/key.pem"}}]
contexts: [{name: training, context: {cluster: training, user: training}}]
current-context: training
END
java -XX:AOTCacheOutput="$home/lib/kubectl-cgp.aot" -jar "$home/lib/kubectl-cgp.jar" audit --kubeconfig "$work/kubeconfig" \
  >"$work/log" 2>&1 || (($? == 1)) && grep -q '^Policy' "$work/log" || {
  cat "$work/log" >&2
  die "the training of kubectl-cgp failed"
}
normalize

archive=kubectl-cgp-$version-$os-$arch.tar.gz
if tar --version | grep -q GNU; then
  owner=(--owner=0 --group=0 --numeric-owner)
else
  owner=(--uid 0 --gid 0 --uname '' --gname '')
fi
cd "$out"
find kubectl-cgp -type f | LC_ALL=C sort >"$work/files"
COPYFILE_DISABLE=1 tar -c -f - --format ustar "${owner[@]}" -T "$work/files" | gzip -n >"$archive"
openssl dgst -sha256 -r "$archive" >"$archive.sha256"
echo "target/cli/kubectl-cgp/kubectl-cgp, and as an archive: target/cli/$archive"
