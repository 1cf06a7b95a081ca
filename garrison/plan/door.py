"""Phases 2.2 tls, 2.3 auth and 2.5 exposure: the certificate, the door, and the proofs of all three."""

from collections.abc import Iterator
from dataclasses import dataclass

from garrison.plan.certificates import bring_certificates, lay_settings, prove_certificates
from garrison.plan.exposure import judge_listeners
from garrison.plan.question import door_units
from garrison.plan.stack import judge_service
from garrison.plan.step import LIB, Command, Exchange, PhasePlan, Step, as_stack, lay_files, or_return, sh
from garrison.plan.wanted import Wanted
from garrison.render.places import DOOR_SOCKET
from garrison.snapshot.model import Snapshot
from garrison.tls.issuer import Issuer

_UNIT = "garrison-door"
_ENABLED = (f"{_UNIT}.socket", f"{_UNIT}.service")


@dataclass(frozen=True, kw_only=True)
class DoorPlanner:
    """What the three phases share: one look, one wish, one issuer of certificates."""

    snapshot: Snapshot
    wanted: Wanted
    issuer: Issuer

    def plan_tls(self) -> PhasePlan:
        """The certificate where it is due, then the door; the gate checks both from a client's side."""
        start = tuple(self._start())
        before = tuple(bring_certificates(self.snapshot, self.issuer, later=bool(start)))
        steps = (
            *lay_settings(self.snapshot, self.wanted, self.issuer),
            *before,
            *self._units(),
            *start,
            *prove_certificates(self.snapshot, self.issuer, deferred=bool(start and before)),
        )
        return PhasePlan(id="2.2", title="tls", steps=steps, gate=self._tls_gate())

    def plan_auth(self) -> PhasePlan:
        """Nothing of its own to change (keys are per client, made by ``garrison keys add``), but much to prove."""
        routes = [
            service.route.path
            for service in self.wanted.catalog.routed
            if service.route and service.route.auth == "key"
        ]
        return PhasePlan(
            id="2.3",
            title="auth",
            gate=Step(
                title="prove that the door lets nobody in without a key",
                why="something changed",
                commands=(self._check("check-auth", "--https", str(self._ports[1]), *routes),),
            ),
        )

    def plan_exposure(self, collector: str, question: str) -> PhasePlan:
        """The gate looks once more and compares the whole set of listeners with the declared one."""
        ask = Command(line=sh("python3", "-I", "-", question).line, stdin=collector)
        return PhasePlan(
            id="2.5",
            title="exposure",
            gate=Step(
                title="prove that nothing else listens",
                why="something changed",
                commands=(Exchange(ask=ask, answer=lambda answer: judge_listeners(answer, self.wanted)),),
            ),
        )

    @property
    def _ports(self) -> tuple[int, int]:
        door = self.wanted.catalog.door
        if door is None or door.door is None:
            raise ValueError("the planner is made for a catalog with a door")
        return door.door.http, door.door.https

    def _check(self, program: str, *words: str) -> Command:
        name = self.wanted.settings.server_names[0]
        check = sh(f"{LIB}/{program}", "--name", name, "--ca", self.issuer.trust, *words)
        return self._or_return(check)

    def _or_return(self, command: Command) -> Command:
        door = self.wanted.catalog.door
        return or_return(command, self.wanted.settings.stack_home, door.name) if door else command

    def _tls_gate(self) -> Step:
        http, https = self._ports
        return Step(
            title="prove certificate and redirect from a client's side",
            why="something changed",
            commands=(self._check("check-door", "--http", str(http), "--https", str(https)),),
        )

    def _units(self) -> Iterator[Step]:
        home = self.wanted.settings.stack_home
        outdated = {}
        for path, target in door_units(home).items():
            if self._is_outdated(path):
                file = self.wanted.release.files[path]
                outdated[target] = (file.mode, file.content)
        units = self.snapshot.user_units or {}
        disabled = [
            name for name in _ENABLED if (unit := units.get(name)) is None or unit.enabled != "enabled"
        ]
        if disabled and not outdated:
            yield Step(
                title="have the door start at boot",
                why=f"not enabled: {', '.join(disabled)}",
                commands=(as_stack("systemctl", "--user", "enable", "-q", *_ENABLED),),
            )
        if outdated:
            enable = as_stack("systemctl", "--user", "enable", "-q", *_ENABLED)
            yield lay_files(
                "lay down the door's units",
                f"{len(outdated)} missing or different",
                outdated,
                as_stack("systemctl", "--user", "daemon-reload"),
                enable,
                as_stack_user=True,
            )

    def _is_outdated(self, unit: str) -> bool:
        found = self.snapshot.files.get(door_units(self.wanted.settings.stack_home)[unit])
        return found is None or found.sha256 != self.wanted.release.files[unit].sha256

    def _listen(self) -> tuple[Command, ...]:
        """Have systemd hold the ports; other ports than before take a moment in which nobody is served."""
        if not self._is_outdated(DOOR_SOCKET):
            return (as_stack("systemctl", "--user", "start", f"{_UNIT}.socket"),)
        stop = as_stack("systemctl", "--user", "stop", f"{_UNIT}.service", f"{_UNIT}.socket")
        return stop, as_stack("systemctl", "--user", "start", f"{_UNIT}.socket")

    def _start(self) -> Iterator[Step]:
        door = self.wanted.catalog.door
        if door is None:
            return
        reason = judge_service(door.name, self.snapshot, self.wanted)
        socket = (self.snapshot.user_units or {}).get(f"{_UNIT}.socket")
        if not reason and (socket is None or socket.active != "active"):
            reason = "its socket isn't listening"
        if reason:
            deadline = door.health.deadline
            yield Step(
                title=f"start {door.name}, the door, and wait until it is ready, at most {deadline} s",
                why=reason,
                commands=(
                    *self._listen(),
                    self._or_return(as_stack("systemctl", "--user", "restart", f"{_UNIT}.service")),
                    self._or_return(
                        sh(f"{LIB}/gate", door.name, "--deadline", str(deadline), timeout=deadline + 60)
                    ),
                ),
            )
