"""The programs that run on a host to be measured: install the tools, scan, take the tools away."""

from collections.abc import Iterable
from typing import Final

from garrison.lab.apt import Mirrors

PACKAGES: Final = ("openscap-scanner", "lynis", "linux-base")
# Debian 13's own ssg-debian ends at Debian 12; the profiles of Debian 13 come from unstable's, which is data only.
CONTENT_PACKAGES: Final = ("ssg-base", "ssg-debian")
CONTENT: Final = "/usr/share/xml/scap/ssg/content/ssg-debian13-ds.xml"
WORK: Final = "/root/standards"
_PROFILE: Final = "xccdf_org.ssgproject.content_profile_cis_level2_server"
_RULE: Final = "xccdf_org.ssgproject.content_rule_"


def install_program(mirrors: Mirrors) -> str:
    """Return the program that installs the tools.

    linux-base is how the profiles tell a machine with a kernel: without it two rules of three don't apply to a
    container host. The list of unstable is gone again before anything is measured.
    """
    source = f"Types: deb\nURIs: {mirrors.main}\nSuites: sid\nComponents: main\nCheck-Valid-Until: no\n"
    signed = "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    return f"""set -eu
export DEBIAN_FRONTEND=noninteractive
install="apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends"
list=/etc/apt/sources.list.d/standards.sources
pin=/etc/apt/preferences.d/standards
trap 'rm -f "$list" "$pin"; apt-get -qq update' EXIT
cat >"$list" <<'END'
{source}{signed}END
printf 'Package: *\\nPin: release n=sid\\nPin-Priority: 1\\n' >"$pin"
apt-get -qq update
$install {" ".join(PACKAGES)}
$install -t sid {" ".join(CONTENT_PACKAGES)}
"""


def remove_program() -> str:
    """Return the program that takes the tools away again."""
    packages = " ".join((*PACKAGES, *CONTENT_PACKAGES))
    return f"set -eu\nrm -rf {WORK}\nDEBIAN_FRONTEND=noninteractive apt-get -qq -y purge --autoremove {packages}\n"


def scan_program() -> str:
    """Return the program that prints OpenSCAP's results at level 2 of CIS for servers, compressed."""
    return _evaluate(())


def lynis_program() -> str:
    """Return the program that prints Lynis's report, compressed."""
    return f"""set -eu
mkdir -p {WORK}
lynis audit system --quick --no-colors --report-file {WORK}/lynis.dat --logfile {WORK}/lynis.log >/dev/null 2>&1
gzip -c {WORK}/lynis.dat
"""


def shown_program(rules: Iterable[str]) -> str:
    """Return the program that prints the results of ``rules`` where the tool is shown what really holds.

    In a mount namespace of the scanner's own, what sshd and journald make of all their files lies over the one file
    that its rules read. The host itself stays as it is.
    """
    scan = _evaluate(rules)
    return f"""set -eu
mkdir -p {WORK}
sshd -T >{WORK}/sshd_config
systemd-analyze cat-config systemd/journald.conf | awk -F= '
    /^[[:space:]]*[A-Za-z]+=/ {{ value[$1] = $2 }}
    END {{ print "[Journal]"; for (key in value) print key "=" value[key] }}' >{WORK}/journald.conf
cat >{WORK}/shown <<'END'
mount --bind {WORK}/sshd_config /etc/ssh/sshd_config
mount --bind {WORK}/journald.conf /etc/systemd/journald.conf
{scan}END
unshare --mount sh {WORK}/shown
"""


def _evaluate(rules: Iterable[str]) -> str:
    chosen = " ".join(f"--rule {_RULE}{rule}" for rule in rules)
    # oscap ends with 2 when a rule failed, which is what we want to know, and with 1 when it could not look.
    return f"""set -eu
mkdir -p {WORK}
oscap xccdf eval --profile {_PROFILE} {chosen} --results {WORK}/results.xml {CONTENT} >{WORK}/log 2>&1 || [ $? -eq 2 ]
gzip -c {WORK}/results.xml
"""
