"""One checkout's lab: its names, places and recorded state, and the questions about its hosts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from garrison.lab import cgroups, outer, subnets
from garrison.lab.cgroups import HostGroups
from garrison.lab.locks import hold
from garrison.lab.names import LabNames, derive_names
from garrison.lab.places import Places, find_cache, find_checkout
from garrison.lab.progress import say
from garrison.lab.state import LabState, load_state, save_state
from garrison.problem import Problem, ProblemError


@dataclass(frozen=True, kw_only=True)
class Lab:
    """The lab of one checkout."""

    names: LabNames
    places: Places

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lab against other commands that change it."""
        with hold(self.places.lock_file, "the lab of this checkout"):
            yield

    def recorded(self) -> LabState | None:
        """Return the recorded state; one that came with a copied checkout is somebody else's."""
        state = load_state(self.places.state_file)
        return state if state is not None and state.checkout == self.places.checkout else None

    def require(self, host: str | None = None) -> LabState:
        """Return the recorded state; raises ProblemError when the lab, or ``host`` in it, is missing."""
        state = self.recorded()
        if state is None or not state.hosts or (host is not None and host not in state.hosts):
            known = ", ".join(state.hosts) if state is not None and state.hosts else "none"
            problem = Problem(
                where="the lab of this checkout",
                id="lab-host-missing",
                what=f"has no host {host}." if host else "has no host.",
                remedy=f"Run `make up` (hosts there are: {known}).",
            )
            raise ProblemError([problem])
        return state

    def save(self, state: LabState) -> None:
        """Record ``state``."""
        save_state(self.places.state_file, state)

    def groups(self, host: str) -> HostGroups:
        """Return the host's control groups."""
        return cgroups.groups_of(cgroups.find_hierarchies(), self.names.machine(host))

    def is_running(self, host: str) -> bool:
        """Whether the host's boot loop is alive, so that it runs or is just booting."""
        return cgroups.is_loop_running(self.groups(host))

    def begin(self) -> LabState:
        """Return the recorded state, or record a new lab on networks that are free on the machine."""
        state = self.recorded()
        if state is not None:
            return state
        with hold(self.places.machine_lock, "the machine's list of labs"):
            taken = [*outer.list_networks(), *_other_subnets(self.places)]
            state = LabState(
                checkout=self.places.checkout,
                subnet=subnets.choose_subnet(self.names.lab_id, taken),
                prefix6=subnets.derive_prefix6(self.names.lab_id),
            )
            self.places.lab_root.mkdir(parents=True, exist_ok=True)
            (self.places.lab_root / "checkout.txt").write_text(f"{self.places.checkout}\n")
            self.save(state)
        say(f"new lab {self.names.lab_id} on {state.subnet} and {state.prefix6}")
        return state


def _other_subnets(places: Places) -> list[IPv4Network]:
    """Return what other checkouts' labs have recorded; a lab that is not booted has no route to show."""
    found = []
    for record in places.labs.glob("*/checkout.txt"):
        checkout = Path(record.read_text().strip())
        if checkout == places.checkout:
            continue
        try:
            state = load_state(checkout / ".garrison" / "lab" / "state.json")
        except ProblemError as error:
            say(f"passing over another checkout's lab: {error}")
            continue
        if state is not None and state.checkout == checkout:
            found.append(state.subnet)
    return found


def open_checkout(checkout: Path | None = None) -> Lab:
    """Return the lab of ``checkout``, by default the one this code lies in."""
    place = (checkout or find_checkout()).resolve()
    names = derive_names(place)
    return Lab(names=names, places=Places(checkout=place, cache=find_cache(), lab_id=names.lab_id))
