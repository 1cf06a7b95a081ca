"""The Debian mirror a lab host uses: the one this machine's own apt is set up with."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from garrison.lab.commands import run
from garrison.problem import Problem, ProblemError

_FORMAT = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)"
_ALIASES = ("stable", "oldstable", "testing", "unstable", "sid")


@dataclass(frozen=True, kw_only=True)
class Mirrors:
    """Where packages come from, and how apt gets there."""

    main: str
    security: str | None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Target:
    uri: str
    release: str
    component: str
    origin: str

    @property
    def rank(self) -> tuple[bool, bool]:
        return self.origin == "Debian", self.uri.rstrip("/").endswith(("/debian", "/debian-security"))


def pick_mirrors(targets: str, codename: str, options: Iterable[str] = ()) -> Mirrors:
    """Return the mirrors in ``targets`` (lines of ``apt-get indextargets``) that serve Debian itself.

    Third parties use Debian's release names too, so Debian's own origin and path go first.
    Raises ProblemError when there is none.
    """
    rows = [line.split("|") for line in targets.splitlines() if line.count("|") == 3]
    parsed = [_Target(uri=r[0], release=r[1], component=r[2], origin=r[3]) for r in rows]
    main = _best(parsed, [codename, *_ALIASES])
    if main is None:
        problem = Problem(
            where="apt's sources",
            id="lab-no-mirror",
            what=f"name no Debian mirror for {codename}.",
            remedy="Add one (component main) to /etc/apt/sources.list.d/ on this machine.",
        )
        raise ProblemError([problem])
    security = _best(parsed, [f"{name}-security" for name in (codename, *_ALIASES)])
    return Mirrors(main=main, security=security, options=tuple(options))


def _best(targets: list[_Target], releases: list[str]) -> str | None:
    fitting = [t for t in targets if t.release in releases and t.component == "main"]
    return max(fitting, key=lambda target: target.rank).uri if fitting else None


def render_sources(mirrors: Mirrors, suite: str) -> str:
    """Return a deb822 sources file for ``suite`` with its updates and security updates."""
    stanzas = [(mirrors.main, f"{suite} {suite}-updates")]
    if mirrors.security:
        stanzas.append((mirrors.security, f"{suite}-security"))
    return "\n".join(
        f"Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        for uri, suites in stanzas
    )


def render_options(options: Iterable[str]) -> str:
    """Return the apt configuration that carries ``options`` (``Name "value"`` each)."""
    return "".join(f"{option};\n" for option in options)


def read_mirrors() -> Mirrors:
    """Return the mirrors and proxies of this machine's apt; raises ProblemError without any."""
    targets = run(["apt-get", "indextargets", "--format", _FORMAT, "Created-By: Packages"])
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    dump = run(["apt-config", "dump", "--format", '%f "%v"%n', "Acquire"])
    proxies = [line for line in dump.splitlines() if "::proxy" in line.lower() and not line.endswith('""')]
    mirrors = pick_mirrors(targets, release.get("VERSION_CODENAME", "").strip('"'), proxies)
    security = mirrors.security and _resolve(mirrors.security)
    return Mirrors(main=_resolve(mirrors.main), security=security, options=mirrors.options)


def _resolve(uri: str) -> str:
    """Return the first mirror of a ``mirror+file:`` list (Debian's cloud images use them), else ``uri``."""
    if not uri.startswith("mirror+file:"):
        return uri
    lines = Path(uri.removeprefix("mirror+file:").rstrip("/")).read_text().split()
    return next(word for word in lines if "://" in word)
