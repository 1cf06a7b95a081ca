"""The key for Qdrant's metrics is rotated on a live host: Prometheus has the new one, and nobody the earlier one."""

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost
from tests.compliance.test_metrics import Prometheus, prometheus

__all__ = ["prometheus"]  # a fixture
# What Qdrant answers to the key before and after a rotation, and to the new one. No key is in an argument.
ROTATE = """
read_key() {{
    {lib}/as-stack podman secret inspect --showsecret --format '{{{{.SecretData}}}}' {secret} </dev/null
}}
ask() {{
    printf 'header = "api-key: %s"' "$1" |
        curl -s -o /dev/null -w '%{{http_code}}\\n' -K - http://127.0.0.1:{port}/metrics
}}
old=$(read_key)
ask "$old"
{lib}/rotate-secrets {secret} >/dev/null </dev/null
ask "$old"
ask "$(read_key)"
"""


def test_the_key_for_qdrants_metrics_is_rotated_and_the_earlier_one_is_refused(
    live: LiveHost, prometheus: Prometheus, wanted: Wanted
) -> None:
    qdrant = wanted.catalog.services["qdrant"]
    script = ROTATE.format(lib=LIB, secret="qdrant_metrics_key", port=qdrant.publish["http"])  # noqa: S106 - its name
    assert live.pipe(script, "bash -s").split() == ["200", "401", "200"]
    assert prometheus.unmeasured(60) == []
