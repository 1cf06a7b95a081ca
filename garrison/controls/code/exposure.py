"""Who is reached from outside the host, and where secrets were written down."""

from collections.abc import Iterator, Sequence

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen


@judges("only-the-door-is-outside")
def judge_door(seen: Seen) -> Iterator[Found]:
    """Of the stack user's sockets, those that a neighbour can reach must be the door's."""
    if seen.snapshot.listeners is None:
        yield unseen("listeners", "the host didn't say what listens on it.")
        return
    door = seen.wanted.catalog.door
    ports = (door.door.http, door.door.https) if door and door.door else ()
    for one in seen.snapshot.listeners:
        is_ours = one.uid == seen.wanted.settings.stack_uid
        if is_ours and not one.is_loopback and not (one.protocol == "tcp" and one.port in ports):
            yield Found(where=str(one), what=f"{one.process or 'a program'} of the stack user listens there.")


@judges("no-secret-in", probing=True)
def judge_leaks(seen: Seen, places: Sequence[str], searched: Sequence[str]) -> Iterator[Found]:
    """Of what find-leaks found, what lies in places that begin so; they must have been searched."""
    leaks = seen.evidence.leaks
    if leaks is None:
        yield unseen("find-leaks", "it gave no answer, so nothing is known.")
        return
    for place in searched:
        if not leaks.searched.get(place):
            yield unseen(place.replace("_", " "), "nothing was searched there.")
    for leak in leaks.leaks:
        if leak.place.startswith(tuple(places)):
            known_as = "secrets-are-nowhere-else.leak"
            what = f"the secret {leak.secret} stands there, {leak.form}."
            yield Found(where=leak.place, what=what, known_as=known_as)


@judges("gpu-is-described")
def judge_gpu(seen: Seen) -> Iterator[Found]:
    """A CDI specification in one of the two places where Podman looks."""
    patterns = ("/etc/cdi/*", "/run/cdi/*")
    if seen.host is None or any(pattern not in seen.host.files for pattern in patterns):
        yield unseen("/etc/cdi")
    elif not any(seen.host.files[pattern] for pattern in patterns):
        yield Found(where="/etc/cdi", what="no CDI specification describes the GPU.")
