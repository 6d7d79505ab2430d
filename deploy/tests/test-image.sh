#!/usr/bin/env bash
# Makes the image's root by the image's own scripts, from a fresh Debian, and runs the chart's pod in it: test-image.sh STEER
# The program must have the Swift runtime in it, as deploy/image/build.sh makes it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

steer=$(realpath "${1:?name the program}")
[ "$(id -u)" -eq 0 ] || { say "not root: passed over, for a root of Debian cannot be made"; exit 0; }
install debootstrap procps util-linux iproute2 binutils

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"
say "a fresh Debian"
debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
before=$(du -s --block-size=1M "$root" | cut -f 1)
cp deploy/image/install.sh "$root/tmp/"
chroot "$root" sh /tmp/install.sh >"$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
strip -o "$root/usr/bin/steer" "$steer"
rm "$root.log"
say "image: $(($(du -s --block-size=1M "$root" | cut -f 1) - before)) MiB more than Debian's own, steer $(du --block-size=1M "$root/usr/bin/steer" | cut -f 1) MiB"
if chroot "$root" ldd /usr/bin/steer | grep -E 'not found|libswift'; then
  say "the image lacks a library"
  exit 1
fi
chroot "$root" /usr/bin/steer version

say "the chart's pod"
manifests=$(mktemp)
.build-python/bin/helm template steer deploy/helm/steer --namespace intra-proxy --set kubernetes.policy=false \
  --set kubernetes.inventory=false --set proxy.drainSeconds=1 --set-file 'files.policy\.yaml=deploy/tests/pod-policy.yaml' \
  2>/dev/null >"$manifests"
unshare --mount --net --pid --ipc --uts --fork --mount-proc .build-python/bin/python deploy/tests/pod.py "$root" "$manifests"
rm "$manifests"
