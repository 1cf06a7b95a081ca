"""How packages come and go: after whoever is still at it, and after what dpkg was cut short in is ended."""

_LOCK = "/var/lib/dpkg/lock-frontend"
_WAIT = f"import fcntl; fcntl.lockf(open('{_LOCK}', 'r+'), fcntl.LOCK_EX)"
# dpkg doesn't wait for the lock as apt does, and apt of a run that was cut short goes on without it.
CONFIGURE = (
    f'{{ timeout 300 python3 -Ic "{_WAIT}" || {{ echo "{_LOCK} was held for 300 s" >&2; exit 1; }}; }} '
    "&& dpkg --configure -a"
)
# A timer of the host's own may be installing updates.
APT_GET = "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq"
