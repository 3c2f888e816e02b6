#!/usr/bin/env bash
# The real picamera2 on the real libcamera without a Raspberry Pi: a Debian trixie root, whose
# libcamera serves JPEG files as a camera. Run as root on Debian, once; it takes ten minutes and
# 1.5 GB. The files of the rig (dmabuf_shim.c, virtual.yaml) lie beside the checkout.
#     tests/pi_rig/build.sh ROOT RIG_FILES
#     tests/pi_rig/run.sh ROOT
set -euo pipefail
# What is mounted is seen by this script alone, and gone with it.
[ -n "${MOUNTS_OF_ITS_OWN:-}" ] || MOUNTS_OF_ITS_OWN=1 exec unshare --mount "$0" "$@"
root=$1 files=$2
if [ ! -e "$root/usr/bin/cam" ]; then
    debootstrap --variant=minbase --include=python3,python3-venv,python3-dev,gcc,python3-libcamera,libcamera-tools,libcamera-ipa,python3-numpy,python3-prctl,ca-certificates trixie "$root"
fi
for part in proc dev sys; do
    mount --rbind "/$part" "$root/$part"
done
cp /etc/resolv.conf "$root/etc/resolv.conf"
[ ! -e /etc/hosts ] || cp /etc/hosts "$root/etc/hosts"
[ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
# A network with a certificate of its own: the root trusts whom this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$root/rig/frames" "$root/usr/share/libcamera/pipeline/virtual"
sed 's#FRAMES/#/rig/frames/#' "$files/virtual.yaml" > "$root/usr/share/libcamera/pipeline/virtual/virtual.yaml"
cp "$files/dmabuf_shim.c" "$root/rig/"
chroot "$root" gcc -shared -fPIC -O1 -o /rig/dmabuf_shim.so /rig/dmabuf_shim.c
[ -e "$root/rig/venv" ] || chroot "$root" python3 -m venv --system-site-packages /rig/venv
# What apt's python3-picamera2 brings on Raspberry Pi OS; plain Debian has neither it nor pykms.
chroot "$root" /rig/venv/bin/pip install --quiet picamera2 ai-edge-litert opencv-python-headless pytest
site=$(chroot "$root" /rig/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cat > "$root$site/pykms.py" <<'STUB'
"""Stands in for the bindings that picamera2's preview on a screen needs; nothing is shown here."""


class _Anything:
    def __getattr__(self, name):
        return name


PixelFormat = _Anything()
STUB
