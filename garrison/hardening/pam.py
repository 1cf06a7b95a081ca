"""What PAM shall ask: profiles of ours for pam-auth-update, which alone writes the common files."""

import re
from collections.abc import Iterator

from garrison.controls.code.key_values import find_faults, read_values
from garrison.controls.conditions import Code, TextFile
from garrison.controls.judge.files import judge_text
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import Text, edited, lay, outdated, rendered, set_keys
from garrison.plan.guarded import SECONDS, guarded
from garrison.plan.step import Command, Step, sh
from garrison.snapshot.host_model import HostFacts

PROFILES = "/usr/share/pam-configs"
COMMON = "/etc/pam.d/common-"
SU = "/etc/pam.d/su"
FAILLOCK = "/etc/security/faillock.conf"
# pam_pwquality reads its drop-ins first, so the file itself has the last word.
PWQUALITY = "/etc/security/pwquality.conf"
SU_GROUP = "sugroup"
_WHEEL = f"auth       required   pam_wheel.so use_uid group={SU_GROUP}"
# Which profiles bring which module; pwquality's comes with its own package.
_BRINGS = {
    "pam_unix": ("garrison-unix",),
    "pam_faillock": ("garrison-faillock-first", "garrison-faillock"),
    "pam_pwquality": ("pwquality",),
    "pam_pwhistory": ("garrison-pwhistory",),
}
OWN = tuple(name for names in _BRINGS.values() for name in names if name.startswith("garrison-"))


def profile_files() -> dict[str, Text]:
    """Our profiles, as pam-auth-update looks for them."""
    return {f"{PROFILES}/{name}": Text(mode=0o644, text=rendered(f"pam/{name}")) for name in OWN}


def values_for(chosen: Chosen, file: str, text: str = "") -> dict[str, str]:
    """What the controls ask of a file of keys and values and ``text`` doesn't fulfil; a flag is a key alone."""
    present = read_values([text])
    values: dict[str, str] = {}
    for condition in chosen.of(Code):
        if condition.name != "key-value-file" or file not in condition.arguments["files"]:
            continue
        asked = {key: each for key, each in condition.arguments.items() if key != "files"}
        bounds = {**asked.get("at_least", {}), **asked.get("at_most", {})}
        values |= {key: str(bounds.get(key, "")) for key, _ in find_faults(present, **asked)}
    return values


def with_wheel(text: str) -> str:
    """su's file with our line right after the one that lets root through."""
    if re.search(rf"^{re.escape(_WHEEL)}$", text, re.M):
        return text
    root = re.search(r"^auth\s+sufficient\s+pam_rootok\.so.*$", text, re.M)
    if root is None:
        return f"auth       sufficient pam_rootok.so\n{_WHEEL}\n{text}"
    return f"{text[: root.end()]}\n{_WHEEL}{text[root.end() :]}"


def with_pwquality(text: str | None, chosen: Chosen) -> str:
    """pam_pwquality's settings; none are there yet when its package comes with this very run."""
    before = "# Garrison began this file; controls/access says why.\n" if text is None else text
    return set_keys(before, values_for(chosen, PWQUALITY, before))


def missing_modules(host: HostFacts, chosen: Chosen) -> tuple[str, ...]:
    """The modules that a condition on a common file names and that aren't there as it says."""
    words = " ".join(map(_pattern, _failing(host, chosen)))
    return tuple(module for module in _BRINGS if module in words)


def _failing(host: HostFacts, chosen: Chosen) -> list[TextFile]:
    return [
        condition
        for condition in chosen.of(TextFile)
        if condition.path.startswith(COMMON)
        and condition.path not in host.texts_withheld
        and any(module in _pattern(condition) for module in _BRINGS)
        and any(judge_text(condition, host))
    ]


def _pattern(condition: TextFile) -> str:
    return condition.has or condition.lacks or ""


def plan_pam(host: HostFacts, chosen: Chosen, *, seconds: int = SECONDS) -> Iterator[Step]:
    """Profiles, their settings and su, under guard."""
    if not any(each.path.startswith(COMMON) for each in chosen.of(TextFile)):
        return
    files = outdated(host, profile_files())
    files |= edited(host, PWQUALITY, with_pwquality(host.texts.get(PWQUALITY), chosen))
    if (text := host.texts.get(FAILLOCK)) is not None:
        files |= edited(host, FAILLOCK, set_keys(text, values_for(chosen, FAILLOCK, text)))
    if (text := host.texts.get(SU)) is not None:
        files |= edited(host, SU, with_wheel(text))
    modules = missing_modules(host, chosen)
    commands = [lay(files)] if files else []
    if modules or any(path.startswith(PROFILES) for path in files):
        commands.append(_update(modules, _failing(host, chosen)))
    if commands:
        reasons = [*sorted(files), *(f"{module} in {COMMON}*" for module in modules)]
        yield guarded(
            "pam",
            (COMMON.rpartition("/")[0], "/var/lib/pam", SU, FAILLOCK, PWQUALITY, *profile_files()),
            (),
            tuple(commands),
            title="have PAM do as the controls say",
            why=f"missing or different: {', '.join(reasons)}",
            seconds=seconds,
        )


def _update(modules: tuple[str, ...], failing: list[TextFile]) -> Command:
    """Switch on what is missing. A common file that somebody edited is left alone by pam-auth-update: say so.

    It doesn't fail then, so the proof is what the control asks: the line with its options, not the module's name.
    """
    names = [name for module in modules for name in _BRINGS[module]]
    switch = f"--enable {' '.join(names)}" if names else "--package"
    if "garrison-unix" in names:
        switch = f"--disable unix {switch}"
    proof = " && ".join(map(_proof, failing)) or "true"
    complaint = (
        "the files /etc/pam.d/common-* were edited by hand and pam-auth-update leaves them alone: "
        "move the edit to a profile in /usr/share/pam-configs, run pam-auth-update --force, then deploy again"
    )
    return Command(
        line=f"DEBIAN_FRONTEND=noninteractive pam-auth-update {switch} && {proof} || "
        f"{{ echo '{complaint}' >&2; false; }}"
    )


def _proof(condition: TextFile) -> str:
    found = sh("grep", "-qP", "-e", _pattern(condition), condition.path).line
    return found if condition.has else f"! {found}"
