"""No secret is written down anywhere but in Podman's store and in the containers that declare it."""

from garrison.catalog.receivers import GIVEN
from garrison.evidence.probes import Leaks
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "secrets-are-nowhere-else"
SEARCHED = ("containers", "images", "networks", "processes", "journal_bytes", "files")


def find_leaked(leaks: Leaks, wanted: Wanted) -> list[Problem]:
    """Leaks by secret and place, secrets that couldn't be looked for, and places that weren't searched."""
    problems = [
        _problem(leak.place, "leak", f"the secret {leak.secret} stands there, {leak.form}.",
                 f"Take it out, then {_replace(leak.secret)}")
        for leak in leaks.leaks
    ]  # fmt: skip
    mounted = {name for service in wanted.catalog.services for name in wanted.catalog.secrets_of(service)}
    problems += [
        _problem(f"secret {name}", "unsought", "the host doesn't have it, so nothing was looked for.",
                 "Run the deploy again: it makes what is missing.")
        for name in sorted(mounted - set(leaks.secrets))
    ]  # fmt: skip
    problems += [
        _problem(f"secret {name}", "too-short", "it is too short to be looked for without chance hits.",
                 f"It has to be longer: {_replace(name)}")
        for name in leaks.too_short
    ]  # fmt: skip
    problems += [
        _problem(place.replace("_", " "), "unsearched", "nothing was searched there.",
                 "Run it by hand as root: /usr/local/lib/garrison/find-leaks.")
        for place in SEARCHED
        if not leaks.searched.get(place)
    ]  # fmt: skip
    return problems


def find_leaked_in_text(leaks: Leaks, where: str) -> list[Problem]:
    """Leaks in a text that ``find-leaks --stdin`` was given; ``where`` names the text."""
    if not leaks.secrets or not leaks.searched.get("input_bytes"):
        return [_problem(where, "unsearched", "nothing was searched, or for no secret.",
                         "Pipe the text into /usr/local/lib/garrison/find-leaks --stdin, as root.")]  # fmt: skip
    return [
        _problem(where, "leak", f"the secret {leak.secret} stands there, {leak.form}.",
                 f"Take it out, then {_replace(leak.secret)}")
        for leak in leaks.leaks
    ]  # fmt: skip


def _replace(secret: str) -> str:
    """What makes another one of it. Removed from the host, one that the inventory gives would come back as it was."""
    if secret in GIVEN:
        return "replace the secret in its file, which the inventory's 'alerts' names, and deploy again."
    return f"replace the secret: podman secret rm {secret} and deploy again."


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
