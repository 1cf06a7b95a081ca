"""The findings that each check of ``garrison.evidence`` can tell, by which controls name them.

They stand here, and not beside the checks, because the deploy reads the controls before it knows what is wanted.
A unit test compares them with what the checks say.
"""

from collections.abc import Mapping

# What every condition about a check fails by: the thing wasn't seen, so nothing is known of it.
UNSEEN = frozenset({"unseen", "unmeasured", "unknown"})

# The checks that judge what the slow probes answered, and know nothing without them.
PROBED = frozenset({"pairs-are-the-declared-ones", "walls-are-up", "secrets-are-nowhere-else"})

KEYS: Mapping[str, frozenset[str]] = {
    "exposure": frozenset({"unexpected", "taken", "missing"}),
    "ports-are-on-loopback": frozenset({"undeclared", "missing"}),
    "containers-are-the-declared-ones": frozenset(
        {"missing", "stopped", "unknown", "label", "outdated", "image", "image-moved", "twice"}
    ),
    "images-are-the-services-own": frozenset({"stand-in"}),
    "containers-are-confined": frozenset(
        {
            *("user", "uid", "privileged", "root", "capabilities-added", "capabilities", "devices"),
            *("security-options", "privileges", "privileges-live", "seccomp"),
            *("network-namespace", "pid-namespace", "ipc-namespace", "uts-namespace"),
            *("userns-namespace", "cgroup-namespace"),
        }
    ),
    "mounts-are-the-declared-ones": frozenset({"socket", "undeclared", "writable", "propagation", "tmpfs"}),
    "containers-are-limited": frozenset(
        {"memory", "cpu", "pids", "undelegated.memory", "undelegated.cpu", "undelegated.pids"}
    ),
    "containers-are-supervised": frozenset({"probe", "health", "log", "restart", "unit"}),
    "secrets-are-readable-by-one-user": frozenset({"missing", "undeclared", "mode", "owner"}),
    "networks-are-one-for-each-need": frozenset(
        {"missing", "undeclared", "internal", "isolate", "member", "absent"}
    ),
    "pairs-are-the-declared-ones": frozenset(
        {
            *("untried", "closed", "closed-by-name", "open", "name", "family", "link"),
            *("unproven", "gateway", "host", "canary", "world"),
        }
    ),
    "walls-are-up": frozenset({"unwalled", "other", "down", "changed"}),
    "secrets-are-nowhere-else": frozenset({"leak", "unsought", "too-short", "unsearched"}),
}
