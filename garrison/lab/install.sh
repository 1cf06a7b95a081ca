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
promtool=
command -v promtool >/dev/null || promtool=promtool
amtool=
command -v amtool >/dev/null || amtool=amtool
[ -n "$missing$promtool$amtool" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run this as root: sh $0" >&2; exit 1; }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"

# Some programs are taken out of their package, which would run a service on this machine.
take_out() {
    echo "missing: $2; taking it from Debian's package $1" >&2
    (cd "$work" && apt-get -qq download "$1" && dpkg-deb -x "$1"_*.deb unpacked)
    $as_root install -m 0755 "$work/unpacked/usr/bin/$2" "/usr/local/bin/$2"
}

# Since Debian 13 promtool has a package of its own.
if [ -n "$promtool" ]; then
    package=prometheus
    apt-cache show promtool >/dev/null 2>&1 && package=promtool
    take_out "$package" promtool
fi
# amtool looks for the templates of its own package before it judges ours.
if [ -n "$amtool" ]; then
    take_out prometheus-alertmanager amtool
    templates=/usr/share/prometheus/alertmanager
    $as_root install -D -m 0644 -t "$templates" "$work/unpacked$templates"/*.tmpl
fi
[ -n "$missing" ] || exit 0

echo "missing:$missing; installing $packages" >&2
# gpg and the keyring are what mmdebstrap checks a mirror's signature with.
# shellcheck disable=SC2086
$as_root apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
    $packages gpg debian-archive-keyring
