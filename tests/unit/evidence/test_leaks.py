"""What is said of a secret that leaked ends with a remedy that works for where it came from."""

import pytest

from garrison.evidence.leaks import find_leaked_in_text
from garrison.evidence.probes import Leaks


@pytest.mark.parametrize(
    ("secret", "remedy"),
    [
        ("redis_aidb_password", "podman secret rm redis_aidb_password and deploy again."),
        ("alerts_email_secret", "replace the secret in its file, which the inventory's 'alerts' names"),
    ],
)
def test_a_secret_that_leaked_is_replaced_where_it_came_from(secret: str, remedy: str) -> None:
    leak = {"secret": secret, "form": "as it is", "place": "standard input"}
    found = {"secrets": [secret], "too_short": [], "searched": {"input_bytes": 9}, "leaks": [leak]}
    (problem,) = find_leaked_in_text(Leaks.model_validate(found), "a log")
    assert remedy in problem.remedy
    assert ("podman secret rm" in problem.remedy) == (secret != "alerts_email_secret")  # noqa: S105 - a name
