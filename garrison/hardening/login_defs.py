"""What new accounts begin with: /etc/login.defs, edited as text, and useradd's defaults."""

import re
from collections.abc import Iterator, Mapping

from garrison.controls.conditions import LoginDefs, TextFile
from garrison.controls.judge.accounts import judge_login_defs
from garrison.controls.judge.files import judge_text
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import edited, lay
from garrison.plan.step import Step, sh
from garrison.snapshot.host_model import HostFacts

LOGIN_DEFS = "/etc/login.defs"
USERADD = "/etc/default/useradd"
INACTIVE = "45"


def with_values(text: str, values: Mapping[str, str]) -> str:
    """login.defs with each key at its value, in the line it has or at the end."""
    for key, value in values.items():
        pattern = re.compile(rf"^[ \t]*{re.escape(key)}[ \t].*$", re.M)
        line = f"{key}\t{value}"
        if pattern.search(text):
            text = pattern.sub(lambda _, line=line: line, text)  # type: ignore[misc]
        else:
            text = f"{text.rstrip(chr(10))}\n{line}\n"
    return text


def wanted_values(host: HostFacts, chosen: Chosen) -> dict[str, str]:
    """The keys that don't fulfil their conditions, with the value that does; a better one is left alone."""
    values: dict[str, str] = {}
    for condition in chosen.of(LoginDefs):
        if any(judge_login_defs(condition, host)):
            bound = condition.at_most if condition.at_most is not None else condition.at_least
            values[condition.key] = condition.value if condition.value is not None else str(bound)
    return values


def plan_login_defs(host: HostFacts, chosen: Chosen) -> Iterator[Step]:
    """Nothing here touches accounts that are there already."""
    text = host.texts.get(LOGIN_DEFS)
    values = wanted_values(host, chosen)
    if text is not None and (files := edited(host, LOGIN_DEFS, with_values(text, values))):
        yield Step(
            title=f"set {', '.join(values)} for new accounts",
            why=f"{LOGIN_DEFS} says otherwise",
            commands=(lay(files),),
        )
    defaults = [each for each in chosen.of(TextFile) if each.path == USERADD]
    if USERADD not in host.texts_withheld and any(
        found for each in defaults for found in judge_text(each, host)
    ):
        yield Step(
            title=f"lock new accounts {INACTIVE} days after their password expired",
            why=f"{USERADD} says otherwise",
            commands=(sh("useradd", "--defaults", "--inactive", INACTIVE),),
        )
