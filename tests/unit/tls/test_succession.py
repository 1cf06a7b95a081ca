"""A new CA for the fleet: at every moment a client that has what was handed out takes what hosts show."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from garrison.problem import ProblemError
from garrison.tls import succession
from garrison.tls.authority import CERTIFICATE, KEY, NEXT_KEY, Authority

from .conftest import DAY, NOW, request_of

NAME = "box.example"


def shown_by(directory: Path, passphrase: str | None = None) -> str:
    """The chain that a host shows once it has been deployed to."""
    request = request_of(ec.generate_private_key(ec.SECP256R1()))
    return Authority.open(directory, passphrase, NOW).sign(request, [NAME], 90, NOW)


def takes(trusted: str, chain: str) -> bool:
    """Whether a client that trusts these certificates takes the chain."""
    store = Store(x509.load_pem_x509_certificates(trusted.encode()))
    leaf, *others = x509.load_pem_x509_certificates(chain.encode())
    verifier = PolicyBuilder().store(store).time(NOW).build_server_verifier(x509.DNSName(NAME))
    try:
        return bool(verifier.verify(leaf, others))
    except VerificationError:
        return False


@pytest.fixture
def directory(tmp_path: Path, authority: Authority) -> Path:  # noqa: ARG001 - it is made there
    return tmp_path / "ca"


def test_clients_take_what_hosts_show_before_and_after_each_step(directory):
    given, shown = [(directory / CERTIFICATE).read_text()], [shown_by(directory)]
    succession.begin(directory, None, NOW)
    given.append((directory / CERTIFICATE).read_text())
    shown.append(shown_by(directory))
    succession.switch(directory, None)
    given.append((directory / CERTIFICATE).read_text())
    shown.append(shown_by(directory))
    # Whoever still has the earlier file takes the certificates until the switch; whoever has both takes all of them.
    assert [takes(given[0], chain) for chain in shown] == [True, True, False]
    assert [takes(given[1], chain) for chain in shown] == [True, True, True]
    assert [takes(given[2], chain) for chain in shown] == [True, True, True]
    succession.end(directory, None, NOW)
    last = (directory / CERTIFICATE).read_text()
    assert [takes(last, chain) for chain in shown] == [False, False, True]
    assert takes(last, shown_by(directory))


def test_the_earlier_key_is_gone_after_the_switch(directory):
    earlier = (directory / KEY).read_bytes()
    succession.begin(directory, None, NOW)
    succession.switch(directory, None)
    assert (directory / KEY).read_bytes() != earlier
    assert not (directory / NEXT_KEY).exists()
    assert ((directory / KEY).stat().st_mode & 0o777) == 0o600


def test_a_step_that_is_done_again_changes_nothing(directory):
    succession.begin(directory, None, NOW)
    before = {file.name: file.read_bytes() for file in directory.iterdir()}
    succession.begin(directory, None, NOW + DAY)
    assert {file.name: file.read_bytes() for file in directory.iterdir()} == before
    succession.switch(directory, None)
    succession.end(directory, None, NOW)
    after = (directory / CERTIFICATE).read_bytes()
    succession.end(directory, None, NOW)
    assert (directory / CERTIFICATE).read_bytes() == after


def test_with_a_passphrase_the_next_key_never_lies_open(directory):
    succession.begin(directory, "correct horse", NOW)
    assert "BEGIN ENCRYPTED" in (directory / NEXT_KEY).read_text()
    succession.switch(directory, "correct horse")
    assert "BEGIN ENCRYPTED" in (directory / KEY).read_text()
    assert takes((directory / CERTIFICATE).read_text(), shown_by(directory, "correct horse"))


class Killed(BaseException):
    """The program ends here, as if the machine had."""


STEPS: dict[str, Callable[[Path], None]] = {
    "begin": lambda directory: succession.begin(directory, None, NOW),
    "switch": lambda directory: succession.switch(directory, None),
}


@pytest.fixture
def killed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Run a step that is killed before one of its changes; each change renames a file into place."""

    def kill(step: str, number: int) -> None:
        if step == "switch":
            succession.begin(directory, None, NOW)
        left, rename = iter(range(number)), Path.replace

        def replace(file: Path, target: Path) -> Path:
            if next(left, None) is None:
                raise Killed
            return rename(file, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            with pytest.raises(Killed):
                STEPS[step](directory)

    return kill


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_was_killed_is_ended_by_the_same_command(directory, killed, step, number):
    killed(step, number)
    STEPS[step](directory)
    names = {file.name for file in directory.iterdir()} - {".lock"}
    assert names == {KEY, CERTIFICATE} | ({NEXT_KEY} if step == "begin" else set())
    assert len(x509.load_pem_x509_certificates((directory / CERTIFICATE).read_bytes())) == 2
    assert takes((directory / CERTIFICATE).read_text(), shown_by(directory))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("step", STEPS)
def test_a_deploy_after_a_killed_step_brings_what_clients_take(directory, killed, step, number):
    killed(step, number)
    given = (directory / CERTIFICATE).read_text()
    assert takes(given, shown_by(directory))
    assert (directory / CERTIFICATE).read_text() == given


def test_what_has_not_begun_can_not_go_on(directory):
    with pytest.raises(ProblemError, match="no next CA") as error:
        succession.switch(directory, None)
    assert "garrison cert authority begin" in error.value.problems[0].remedy


def test_what_goes_on_can_not_end(directory):
    succession.begin(directory, None, NOW)
    before = (directory / CERTIFICATE).read_bytes()
    with pytest.raises(ProblemError, match="doesn't sign yet"):
        succession.end(directory, None, NOW)
    assert (directory / CERTIFICATE).read_bytes() == before
