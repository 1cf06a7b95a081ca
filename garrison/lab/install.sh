#!/bin/sh
# Installs what the lab, the tests and the virtual environment need on a Debian machine, if something is missing.
set -eu
PATH=$PATH:/usr/sbin:/sbin # a user's PATH has neither

packages="mmdebstrap systemd-container iproute2 nftables openssh-client python3-venv curl groff-base"
missing=
for tool in mmdebstrap systemd-nspawn ip nft ssh tar curl groff; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ -n "$missing" ] || exit 0

echo "missing:$missing; installing $packages" >&2
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run this as root: sh $0" >&2; exit 1; }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update
# gpg and the keyring are what mmdebstrap checks a mirror's signature with.
# shellcheck disable=SC2086
$as_root apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
    $packages gpg debian-archive-keyring
