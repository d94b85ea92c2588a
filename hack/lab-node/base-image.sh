# shellcheck shell=bash disable=SC2154
# A base for the operator's image: libraries from Debian packages, and a Java with the modules that the operator needs. It has
# neither a shell nor /tmp. Sourced by node.sh, after image.sh.

java_modules=java.se,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs
java_libraries=(libc6 zlib1g)

# Prints the path of its archive, which is built unless it is cached.
java_base() {
  require_packages
  locate_image
  local jdk archive library
  jdk=$("$here/../find-jdk.sh")
  archive=$cache/java-$(cat "$here/base-image.sh" "$jdk/release" <(echo "$base") | digest).tar
  lock build
  if [[ ! -e $archive ]]; then
    work=$(mktemp -d "$cache/unfinished.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    build_base
    say "Building a base for the operator's image..."
    mkdir -p "$work/java/opt" "$work/java/usr"
    # The archive of classes for the start of the JVM is not part of the JDK's modules.
    "$jdk/bin/jlink" --add-modules "$java_modules" --generate-cds-archive --no-header-files --no-man-pages \
      --output "$work/java/opt/java" >&2 || die "jlink failed"
    for library in $(chroot "$base" dpkg -L "${java_libraries[@]}" | grep '^/usr/lib' | LC_ALL=C sort -u); do
      [[ -d $base$library && ! -L $base$library ]] && continue
      mkdir -p "$work/java${library%/*}"
      cp -a "$base$library" "$work/java$library"
    done
    cp -a "$base/lib" "$base/lib64" "$work/java/" # links to /usr
    image_archive localhost/java:25 "$work/java" '{"Env": ["PATH=/opt/java/bin", "JAVA_HOME=/opt/java"]}' "$work/java.tar"
    mv "$work/java.tar" "$archive"
    rm -rf "$work"
    trap - EXIT
  fi
  unlock
  echo "$archive"
}
