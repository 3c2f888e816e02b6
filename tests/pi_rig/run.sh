#!/usr/bin/env bash
# Runs check.py with this checkout in the root that build.sh made. What follows ROOT goes to it.
set -euo pipefail
root=$1
shift
here=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$root/rig/checkout"
mkdir -p "$root/rig/checkout"
cp -r "$here/fer_edge" "$here/tests" "$root/rig/checkout/"
exec chroot "$root" env LD_PRELOAD=/rig/dmabuf_shim.so PYTHONPATH=/rig/checkout \
    /rig/venv/bin/python /rig/checkout/tests/pi_rig/check.py "$@"
