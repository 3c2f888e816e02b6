#!/usr/bin/env bash
# Runs check.py with this checkout in the root that build.sh made. What follows ROOT goes to it.
set -euo pipefail
# What is mounted is seen by this script alone, and gone with it.
[ -n "${MOUNTS_OF_ITS_OWN:-}" ] || MOUNTS_OF_ITS_OWN=1 exec unshare --mount "$0" "$@"
root=$1
shift
here=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$root/rig/checkout"
mkdir -p "$root/rig/checkout"
cp -r "$here/fer_edge" "$here/tests" "$root/rig/checkout/"
for part in proc dev sys; do
    mount --rbind "/$part" "$root/$part"
done
exec chroot "$root" env LD_PRELOAD=/rig/dmabuf_shim.so PYTHONPATH=/rig/checkout \
    /rig/venv/bin/python /rig/checkout/tests/pi_rig/check.py "$@"
