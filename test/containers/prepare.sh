#!/usr/bin/env bash
#
# Makes real containers work on a plain Debian machine: no Docker daemon, no systemd, no registry.
#
#   eval "$(test/containers/prepare.sh FOLDER)"
#
# Installs podman, configures it inside FOLDER (an absolute path, under 80 characters for the socket's sake), imports the
# Dockerfile's base image and busybox under the names a registry would give them, and serves the Docker API on
# FOLDER/podman.sock. Prints the environment to export on stdout, all else on stderr. Running it again repairs and reuses
# what is there. `prepare.sh --stop FOLDER` removes the containers and ends the service; FOLDER can then be deleted.
#
# Needs root, apt sources and (for the build's own `npm ci`) an npm registry. MIRROR: Debian mirror for the base image.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dockerfile=$here/../../Dockerfile
packages=(podman runc netavark aardvark-dns iptables slirp4netns uidmap fuse-overlayfs catatonit busybox-static debootstrap)

say() { echo "prepare: $*" >&2; }
fail() { say "$*"; exit 1; }

install_packages() {
  command -v apt-get >/dev/null || fail 'this needs a Debian machine: there is no apt-get'
  if dpkg-query -W -f '${db:Status-Status}\n' "${packages[@]}" 2>/dev/null | sort -u | grep -qvx installed ||
    ! dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || fail 'run it as root, it has packages to install'
    say "installing ${packages[*]}"
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
  fi
}

# crun refuses hybrid cgroups where runc works, and podman's own limits exceed what a restricted root may set.
write_configuration() {
  mkdir -p "$folder/storage" "$folder/run" "$folder/tmp"
  local files
  files=$(ulimit -Hn)
  [ "$files" != unlimited ] || files=1048576
  cat > "$CONTAINERS_CONF" <<CONF
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=32768:32768"]
[network]
network_backend = "netavark"
CONF
  cat > "$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$folder/storage"
runroot = "$folder/run"
CONF
}

# A small Debian with the machine's CA bundle and the Node version that the image's tag names (this machine's own Node
# where npm has no such build), laid out as in the official image.
import_node_image() {
  local image=$1 root=$folder/tmp/root version suite
  version=${image##*:}
  suite=${version#*-}
  version=${version%%-*}
  say "building $image with debootstrap"
  rm -rf "$root"
  debootstrap --variant=minbase "${suite%-slim}" "$root" "${MIRROR:-http://deb.debian.org/debian}" >"$folder/debootstrap.log" 2>&1 ||
    { tail -n 20 "$folder/debootstrap.log" >&2; fail 'debootstrap failed'; }
  mkdir -p "$root/etc/ssl/certs" "$root/usr/local/lib/node_modules"
  cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt"
  if ! node_of_version "$version" "$root/usr/local/bin/node"; then
    say "npm has no Node $version for this machine; taking its own, $(node --version)"
    cp "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
  fi
  cp -R "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  chroot "$root" useradd --uid 1000 --create-home node
  rm -rf "$root/var/cache/apt" "$root/var/lib/apt/lists" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
  tar -C "$root" --one-file-system -c . | podman import --quiet \
    --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
    --change 'CMD ["node"]' - "$image" >&2
  rm -rf "$root"
}

node_of_version() {
  local machine
  case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) return 1 ;; esac
  local unpacked=$folder/tmp/node
  rm -rf "$unpacked"
  mkdir -p "$unpacked"
  (cd "$unpacked" && npm pack --silent "node-linux-$machine@$1" >/dev/null 2>&1 && tar -xzf ./*.tgz) || return 1
  cp "$unpacked/package/bin/node" "$2"
  rm -rf "$unpacked"
}

import_busybox() {
  local root=$folder/tmp/busybox
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/tmp" "$root/home"
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/busybox"
  local applet
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  tar -C "$root" -c . | podman import --quiet --change 'CMD ["sh"]' - "$1" >&2
  rm -rf "$root"
}

service_answers() { podman --url "unix://$socket" version >/dev/null 2>&1; }

start_service() {
  service_answers && return
  rm -f "$socket"
  # Its own session and no inherited pipes: it must outlive this script, and `eval "$(…)"` must not wait for it. Its
  # own folder, as some versions of conmon write a file `oom` where they are.
  (cd "$folder" && exec setsid podman system service --time=0 "unix://$socket" </dev/null >"$folder/podman.log" 2>&1) &
  echo $! >"$folder/podman.pid"
  local attempt
  for attempt in $(seq 100); do
    service_answers && { say "Docker API on $socket (attempt $attempt)"; return; }
    sleep 0.1
  done
  tail -n 20 "$folder/podman.log" >&2
  fail 'the podman service does not answer'
}

stop=no
if [ "${1:-}" = --stop ]; then stop=yes; shift; fi
folder=${1:-}
case $folder in
  /*) ;;
  *) fail "usage: $0 [--stop] /absolute/folder" ;;
esac
[ ${#folder} -le 80 ] || fail "the folder's path is over 80 characters: $folder"
socket=$folder/podman.sock
export CONTAINERS_CONF=$folder/containers.conf CONTAINERS_STORAGE_CONF=$folder/storage.conf

if [ $stop = yes ]; then
  if [ -f "$folder/podman.pid" ]; then
    kill "$(cat "$folder/podman.pid")" 2>/dev/null || true
    rm -f "$folder/podman.pid" "$socket"
  fi
  # Podman mounts its storage onto itself, and a mounted folder cannot be deleted.
  if [ -f "$CONTAINERS_STORAGE_CONF" ]; then
    podman rm --all --force >/dev/null
    umount "$folder/storage/overlay" 2>/dev/null || true
  fi
  exit
fi

node_image=$(sed -n 's/^ARG NODE_IMAGE=//p' "$dockerfile" | head -n 1)
[ -n "$node_image" ] || fail 'the Dockerfile names no NODE_IMAGE'
busybox_image=docker.io/library/busybox:stable

install_packages
write_configuration
podman image exists "$busybox_image" || import_busybox "$busybox_image"
podman image exists "$node_image" || import_node_image "$node_image"
start_service

# BUILDAH_FORMAT: an image in OCI's own format cannot hold a HEALTHCHECK.
cat <<ENVIRONMENT
export CONTAINERS_CONF='$CONTAINERS_CONF'
export CONTAINERS_STORAGE_CONF='$CONTAINERS_STORAGE_CONF'
export DOCKER_HOST='unix://$socket'
export CONTAINER_CLI='podman'
export BUILDAH_FORMAT='docker'
export TEST_NODE_IMAGE='$node_image'
export TEST_BUSYBOX_IMAGE='$busybox_image'
ENVIRONMENT
