# shellcheck shell=bash disable=SC2154
# The guest's kernel and disk, made from Debian packages and from programs built from Go modules; sourced by node.sh, which
# sets here, cache and cluster. Sets image: a directory with vmlinuz, initrd and root.img.

suite=trixie # stable, until forky is
packages=(
  systemd systemd-sysv dbus udev runc containernetworking-plugins iproute2 iptables kmod procps conntrack openssh-server
  linux-image-cloud-amd64 initramfs-tools busybox-static zstd
)
# Units that a guest without a screen and updates does not need; under emulation, each costs seconds.
masked=(
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer getty@tty1.service
  serial-getty@ttyS0.service systemd-networkd-wait-online.service systemd-timesyncd.service ldconfig.service
  systemd-hwdb-update.service modprobe@configfs.service modprobe@drm.service modprobe@efi_pstore.service
)

# What the host needs: COMMAND=PACKAGE OF DEBIAN.
programs_of_host=(qemu-system-x86_64=qemu-system-x86 debootstrap=debootstrap mkfs.ext4=e2fsprogs ssh=openssh-client curl=curl)

# Installs what is missing if it can, otherwise fails with the command that does.
require_packages() {
  local entry missing=()
  for entry in "${programs_of_host[@]}"; do
    command -v "${entry%%=*}" >/dev/null || missing+=("${entry#*=}")
  done
  ((${#missing[@]})) || return 0
  [[ $EUID == 0 ]] && command -v apt-get >/dev/null ||
    die "the lab node needs ${missing[*]}; on Debian: apt-get install ${missing[*]}"
  say "Installing ${missing[*]} with apt-get..."
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}"; } >&2 ||
    die "installing ${missing[*]} failed"
}

# The mirror that this machine installs packages from, unless LAB_NODE_MIRROR names another.
mirror() {
  local site
  for site in ${LAB_NODE_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sort -u)}; do
    case $site in http*) ;; *) continue ;; esac
    if curl -fsS -o /dev/null "${site%/}/dists/$suite/main/binary-amd64/Release" 2>/dev/null; then
      echo "${site%/}"
      return
    fi
  done
  die "none of this machine's package mirrors has Debian $suite; set LAB_NODE_MIRROR to one that has"
}

locate_image() {
  kubelet=$("$cluster" kubelet-path)
  base=$cache/base-$(echo "$suite ${packages[*]}" | digest)
  image=$cache/image-$({
    cat "$here/image.sh" "$here"/containerd/go.*
    (cd "$here/guest" && find . -type f | LC_ALL=C sort | xargs sha256sum)
    echo "$base $kubelet"
  } | digest)
}

build_image() {
  require_packages
  locate_image
  [[ -e $image/root.img ]] && return
  [[ $EUID == 0 ]] || die "building the lab node needs root, for debootstrap and chroot"
  lock build
  if [[ ! -e $image/root.img ]]; then
    work=$(mktemp -d "$cache/unfinished.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    build_base
    say "Building the lab node's disk..."
    cp -a "$base" "$work/root"
    add_programs
    add_files
    pack
    rm -rf "$work/root"
    rm -rf "$image"
    mv "$work" "$image"
    trap - EXIT
  fi
  unlock
}

build_base() {
  [[ ! -d $base ]] || return 0
  local from include
  from=$(mirror)
  include=$(IFS=, && echo "${packages[*]}")
  say "Installing Debian $suite for the lab node once, about three minutes..."
  debootstrap --variant=minbase --include="$include" "$suite" "$work/base" "$from" >"$cache/debootstrap.log" 2>&1 ||
    die "debootstrap failed; see $cache/debootstrap.log"
  rm -rf "$work"/base/var/{cache/apt/archives/*.deb,lib/apt/lists/*} "$work"/base/usr/share/{doc,locale,man}/*
  mv "$work/base" "$base"
}

add_programs() {
  local modules=github.com/containerd/containerd/v2 version
  version=$(awk -v module="$modules" '$1 == module { print $2 }' "$here/containerd/go.mod")
  say "Building containerd $version..."
  (cd "$here/containerd" && CGO_ENABLED=0 GOWORK=off go build -mod=readonly -buildvcs=false -o "$work/root/usr/local/bin/" \
    -tags no_btrfs,no_zfs,no_devmapper,no_tracing -ldflags "-s -w -X $modules/version.Version=$version" \
    "$modules"/cmd/{containerd,containerd-shim-runc-v2,ctr}) || die "building containerd failed"
  install -m 755 "$kubelet" "$work/root/usr/local/bin/kubelet"
}

add_files() {
  local root=$work/root
  cp -r "$here/guest/." "$root/"
  chmod 755 "$root/usr/local/sbin/lab-node"
  echo lab-node >"$root/etc/hostname"
  echo '127.0.0.1 localhost' >"$root/etc/hosts"
  install -d -m 700 "$root/root/.ssh" "$root/usr/share/lab-node"
  busybox_image "$root/bin/busybox" "$root/usr/share/lab-node/busybox.tar"
  {
    chroot "$root" systemctl enable lab-node containerd kubelet ssh systemd-networkd quota.slice
    chroot "$root" systemctl mask "${masked[@]}"
    chroot "$root" systemctl set-default multi-user.target
  } >"$cache/systemctl.log" 2>&1 || die "systemctl failed; see $cache/systemctl.log" # it warns that /proc is missing
}

# image_archive NAME ROOT CONFIG TAR: an image of one layer, as `docker save` writes one.
image_archive() {
  local parts=$work/image
  mkdir "$parts"
  tar --create --file "$parts/layer.tar" --directory "$2" --owner 0 --group 0 .
  cat >"$parts/config.json" <<END
{"architecture": "amd64", "os": "linux", "config": $3,
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(openssl dgst -sha256 -r "$parts/layer.tar" | cut -d' ' -f1)"]}}
END
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$1\"], \"Layers\": [\"layer.tar\"]}]" >"$parts/manifest.json"
  tar --create --file "$4" --directory "$parts" manifest.json config.json layer.tar
  rm -rf "$parts" "$2"
}

# busybox_image BUSYBOX TAR: localhost/busybox:1, which is also the image of pod sandboxes. Like the pause image, it ends at
# SIGTERM; otherwise, a reboot of the guest waits 90 s for it.
busybox_image() {
  local layer=$work/busybox name
  mkdir -p "$layer"/{bin,tmp}
  cp "$1" "$layer/bin/busybox"
  for name in $("$1" --list); do
    [[ $name == busybox ]] || ln -s busybox "$layer/bin/$name"
  done
  image_archive localhost/busybox:1 "$layer" '{"Env": ["PATH=/bin"], "Cmd": ["/bin/sh", "-c", "trap exit TERM; sleep 2147483647 & wait"]}' "$2"
}

# Takes kernel and initrd out, and makes the rest a disk.
pack() {
  local root=$work/root
  # Only the modules that find the disk: the whole set takes seconds to unpack under emulation.
  sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
  printf 'virtio_pci\nvirtio_blk\next4\n' >"$root/etc/initramfs-tools/modules"
  chroot "$root" update-initramfs -u >/dev/null 2>&1 || die "update-initramfs failed"
  mv "$root"/boot/vmlinuz-* "$work/vmlinuz"
  mv "$root"/boot/initrd.img-* "$work/initrd"
  truncate -s 8G "$work/root.img"
  mkfs.ext4 -q -F -O ^has_journal -E lazy_itable_init=1 -d "$root" "$work/root.img" || die "mkfs.ext4 failed"
}
