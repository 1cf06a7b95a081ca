"""The end of a run: the release that passed every gate becomes the current one, what nobody wants is removed."""

from collections.abc import Iterator

from garrison.plan.step import Command, PhasePlan, Step, as_stack
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

KEPT = 5


def settle(snapshot: Snapshot, wanted: Wanted) -> PhasePlan:
    """Point ``current`` at the release that passed every gate, and remove what no release wants any more."""
    home, digest = wanted.settings.stack_home, wanted.release.digest
    steps = [*_orphans(snapshot, wanted), *_ownerless(snapshot, wanted)]
    target = f"releases/{digest}"
    if snapshot.current is None or snapshot.current.link != target:
        older = (
            f"cd {home}/releases && ls -1t | grep -v -e '^{digest}$' | tail -n +{KEPT} | xargs -r rm -rf --"
        )
        # A tree of mounted files that no kept release names is garbage (docs/decisions/0002).
        trees = (
            f'cd {home} && for tree in config/*/*; do grep -rqsF "$tree" releases || rm -rf -- "$tree"; done'
        )
        steps.append(
            Step(
                title=f"point current at {digest[:12]}",
                why="every gate has passed",
                commands=(
                    Command(
                        line=f"ln -sfn {target} {home}/current.new && mv -T {home}/current.new {home}/current"
                    ),
                    Command(line=older),
                    Command(line=trees),
                ),
            )
        )
    return PhasePlan(id="settle", title="settle", steps=tuple(steps))


def _orphans(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    names = {network.name for network in wanted.catalog.networks()}
    unused = [n.name for n in snapshot.networks or () if "garrison" in n.labels and n.name not in names]
    if unused:
        yield Step(
            title=f"remove networks {', '.join(unused)}",
            why="no pair of services needs them",
            commands=(as_stack("podman", "network", "rm", *unused),),
        )


def _ownerless(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Credentials that no service has for another, or for a receiver of alerts, any more; who comes back gets new ones.

    Never a secret that opens a service's own data, which outlives the service, nor one that somebody else made.
    """
    declared = {*wanted.catalog.generated_secrets(), *wanted.given}
    unused = [
        secret.spec.name
        for secret in snapshot.secrets or ()
        if "garrison.credential" in secret.spec.labels and secret.spec.name not in declared
    ]
    if unused:
        yield Step(
            title=f"remove secrets {', '.join(unused)}",
            why="no service asks another with them any more",
            commands=(as_stack("podman", "secret", "rm", "--ignore", *unused),),
        )
