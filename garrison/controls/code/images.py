"""Where images come from, and which are there."""

import json
import re
from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.places import fill
from garrison.controls.seen import Seen

POLICIES = ("{stack_home}/.config/containers/policy.json", "/etc/containers/policy.json")
REGISTRIES = (
    "/etc/containers/registries.conf",
    "/etc/containers/registries.conf.d/*.conf",
    "{stack_home}/.config/containers/registries.conf",
)
ANYTHING = "insecureAcceptAnything"
_INSECURE = re.compile(r"^\s*insecure\s*=\s*true\b", re.MULTILINE)


@judges("signature-policy-asks-for-signatures")
def judge_policy(seen: Seen) -> Iterator[Found]:
    """The stack user's policy is in force where there is one, else the system's."""
    paths = [fill(path, seen.wanted.settings) for path in POLICIES]
    texts = [(path, seen.host.texts.get(path)) for path in paths] if seen.host else []
    in_force = next(((path, text) for path, text in texts if text is not None), None)
    if in_force is None:
        yield unseen(paths[-1], "there is no policy, or it can't be read.")
        return
    path, text = in_force
    try:
        default = json.loads(text or "")["default"]
        kinds = {one["type"] for one in default}
    except (ValueError, KeyError, TypeError):
        yield unseen(path, "it is no policy that Podman could read.")
        return
    if ANYTHING in kinds:
        yield Found(where=path, what="by default any image is taken, signed or not.")


@judges("registries-are-secure")
def judge_registries(seen: Seen) -> Iterator[Found]:
    """No ``insecure = true`` in a file that counts."""
    for pattern in REGISTRIES:
        path = fill(pattern, seen.wanted.settings)
        if seen.host is None or path not in seen.host.texts or path in seen.host.texts_withheld:
            yield unseen(path)
        elif _INSECURE.search(seen.host.texts[path] or ""):
            yield Found(where=path, what="it says insecure = true of a registry.")


@judges("images-are-known")
def judge_images(seen: Seen) -> Iterator[Found]:
    """Every image with a name is planned, the base of what is built here, or made here by an earlier release."""
    if seen.snapshot.images is None:
        yield unseen("images", "Podman didn't say which there are.")
        return
    wanted = seen.wanted
    planned = {plan.reference for plan in wanted.images.values()} | {wanted.base.reference}
    names = {reference.partition("@")[0].rpartition(":")[0] for reference in planned} | {"localhost/garrison"}
    for line in sorted(seen.snapshot.images.splitlines()):
        _, name, digest = line.split(" ")
        repository = name.rpartition(":")[0]
        is_ours = any(repository == one or repository.startswith(f"{one}/") for one in names)
        if f"{repository}@{digest}" not in planned and not is_ours and repository != "<none>":
            yield Found(where=f"image {name}", what="no service is made from it.")
