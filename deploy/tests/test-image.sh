#!/usr/bin/env bash
# Makes the image's root by the image's own scripts, from a fresh Debian, and runs the chart's pod in it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

[ "$(id -u)" -eq 0 ] || { say "not root: passed over, for a root of Debian cannot be made"; exit 0; }
install debootstrap procps util-linux iproute2

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root" "$root.log" "$root.yaml"' EXIT
chmod 755 "$root"
say "a fresh Debian"
debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
before=$(du -s --block-size=1M "$root" | cut -f 1)
cp deploy/image/install.sh "$root/tmp/"
chroot "$root" sh /tmp/install.sh >"$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
deploy/image/build.sh "$root/usr/bin/steer"
after=$(du -s --block-size=1M "$root" | cut -f 1)
say "image: $((after - before)) MiB more than Debian, $(du --block-size=1M "$root/usr/bin/steer" | cut -f 1) of them steer"
if chroot "$root" ldd /usr/bin/steer | grep -E 'not found|libswift'; then
  say "the image lacks a library"
  exit 1
fi
unshare --pid --fork --mount-proc="$root/proc" chroot "$root" /usr/bin/steer version

for close in false true; do
  say "the chart's pod, proxy.closeRevoked $close"
  .build-python/bin/helm template steer deploy/helm/steer --namespace intra-proxy --set kubernetes.policy=false \
    --set kubernetes.inventory=false --set proxy.drainSeconds=1 --set proxy.closeRevoked=$close \
    --set-file 'files.policy\.yaml=deploy/tests/pod-policy.yaml' 2>/dev/null >"$root.yaml"
  unshare --mount --net --pid --ipc --uts --fork --mount-proc \
    .build-python/bin/python deploy/tests/pod.py "$root" "$root.yaml"
done
