"""What is wrong with an inventory, a choice or a catalog is said once, with what mends it, and no host changes."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.machine import Machine
from tests.faults.runs import Workplace, assert_refused, write_service
from tests.inventories import write_inventory


def test_an_inventory_that_is_not_there(workplace: Workplace) -> None:
    run = workplace.deploy("inventory/labb.py")
    assert_refused(run, "inventory/labb.py: there is no such inventory file.", "Name one")


def test_a_fault_of_the_inventory_is_data_too(workplace: Workplace) -> None:
    run = workplace.deploy("inventory/labb.py", "--json")
    assert [problem["id"] for problem in run.hosts[0]["problems"]] == ["inventory.missing"]


def test_an_inventory_without_a_host(workplace: Workplace) -> None:
    (workplace.folder / "empty.py").write_text("hosts = []\n")
    assert_refused(workplace.deploy("empty.py"), "the inventory has no host.", "List at least one")


def test_an_inventory_that_is_no_python(workplace: Workplace) -> None:
    (workplace.folder / "broken.py").write_text("hosts = [(\n")
    assert_refused(workplace.deploy("broken.py"), "broken.py:1: ", "Mend it")


def test_a_limit_without_a_match(unchanged: Machine, workplace: Workplace) -> None:
    run = workplace.deploy(workplace.inventory(unchanged), "--limit", "regisrty")
    assert_refused(run, "no host matches --limit regisrty.", f"Hosts: {unchanged.name}.")


def test_an_option_that_is_not_there_is_wrong_usage(workplace: Workplace) -> None:
    run = workplace.deploy("any.py", "--limt", "x")
    assert run.code == 2
    assert "--limit" in run.err


@pytest.mark.parametrize("option", ["--through", "--phases"])
def test_a_misspelt_phase(unchanged: Machine, workplace: Workplace, option: str) -> None:
    run = workplace.deploy(
        workplace.inventory(unchanged), option, "2.2,expsure" if option == "--phases" else "tsl"
    )
    assert_refused(run, "there is no phase", "Did you mean")


SETTINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a misspelt setting": ({"image_cahce": "/x"}, "image_cahce: no such setting.", "Did you mean 'image_cache'?"),
    "a setting of the wrong type": ({"stack_uid": "many"}, "stack_uid: ", "Mend it in the inventory"),
    "no name to serve under": ({"server_names": None}, "server_names: Field required.", "Mend it in the inventory"),
    "a CA file that is not there": (
        {"extra_ca_certificates": ["nothing.crt"]}, "nothing.crt can't be read", "Put the file there"
    ),
    "a CA file that is none": ({"extra_ca_certificates": ["any.txt"]}, "any.txt is no certificate", "mend the setting"),
    "a folder of services that is not there": ({"services_dirs": ["nowhere"]}, "nowhere", "services_dirs"),
    "a lock of images that is not there": (
        {"image_source": "registry", "images_lock": "nothing.yaml"}, "nothing.yaml isn't there", "Put the file there"
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SETTINGS)
def test_a_setting_that_does_not_fit(unchanged: Machine, workplace: Workplace, fault: str) -> None:
    changes, what, remedy = SETTINGS[fault]
    (workplace.folder / "any.txt").touch()
    run = workplace.deploy(workplace.inventory(unchanged, **changes))
    assert run.code == 1
    assert what in run.err
    assert remedy in run.err


def test_a_fault_of_one_host_keeps_every_host_as_it_is(unchanged: Machine, workplace: Workplace) -> None:
    faulty = {**unchanged.data, "stack_usr": "x"}
    write_inventory(workplace.folder / "two.py", ("first", unchanged.data), ("last", faulty))
    assert_refused(
        workplace.deploy("two.py"), "host last: stack_usr: no such setting.", "Did you mean 'stack_user'?"
    )


def service(**changes: Any) -> dict[str, Any]:
    """A whole service and what is wrong with it."""
    whole = {
        "name": "own",
        "title": "A service of the user's own",
        "image": {"build": "."},
        "user": 10901,
        "listen": {"http": 8901},
        "health": {"http": "/health", "via": "curl"},
        "limits": {"memory": "64M", "cpus": 0.5, "pids": 32},
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


CATALOGS = {
    "an unknown key": (service(lisen={"http": 1}), "lisen", "Did you mean 'listen'?"),
    "a wrong type": (service(user="root"), "user", "not root"),
    "a port that is taken": (service(publish={"http": 8091}), "publish.http", "Choose another"),
    "a route that is taken": (
        service(route={"path": "/aidb/"}, verifies_keys=True),
        "route.path",
        "Choose another",
    ),
    "a need of nobody": (service(needs=["postgrse"]), "needs", "Did you mean 'postgres'?"),
    "a secret that nobody defines": (service(secrets=["nobodys"]), "secrets", "define"),
    "no image": (service(image={}), "image", "Give 'build: .'"),
    "a name that is taken": (service(name="redis"), "redis", "services/redis/service.yaml"),
    "a need of itself": (service(needs=["own"]), "needs", ""),
    "no limits": (service(limits=None), "limits", ""),
}


@pytest.mark.parametrize("fault", CATALOGS)
def test_a_faulty_service(unchanged: Machine, workplace: Workplace, fault: str, tmp_path: Path) -> None:
    wrong, what, remedy = CATALOGS[fault]
    write_service(tmp_path, wrong, "USER 10901")
    run = workplace.deploy(workplace.inventory(unchanged, services_dirs=["services"]), "--json")
    assert run.code == 1, run.said
    assert f"services/{wrong['name']}/service.yaml:" in run.err
    assert what in run.err
    assert remedy in run.err
    assert run.hosts[0]["problems"][0]["where"].startswith("services/")


RULES = """groups:
  - name: own
    rules:
      - alert: OwnSlow
        expr: rate(requests[5m) > 1
        labels: {severity: page}
        annotations: {summary: "It is slow", description: "It takes too long."}
"""
PANELS = """panels:
  - title: Requests
    description: "Requests per second."
    queries:
      - {expr: 'rate(requests_total)'}
"""
BOARD = """{
  "title": "My own",
  "uid": "my-own",
  "panels": [}
}
"""
# Where it lies beside a service of the user's own, or in the folder of dashboards; its text; the line; what is said.
OBSERVED = {
    "a rule": ("services/own/rules/rules.yaml", RULES, 5, "this is not PromQL: unexpected character"),
    "a panel": ("services/own/dashboard.yaml", PANELS, 5, "this is not PromQL: expected type matrix"),
    "a dashboard": ("boards/own.json", BOARD, 4, "this is not JSON: "),
}


@pytest.mark.parametrize("fault", OBSERVED)
def test_what_is_broken_of_observability_is_refused_with_its_line(
    unchanged: Machine, workplace: Workplace, fault: str, tmp_path: Path
) -> None:
    path, text, line, what = OBSERVED[fault]
    write_service(tmp_path, service(metrics={"path": "/metrics"}), "USER 10901")
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text)
    inventory = workplace.inventory(
        unchanged,
        profiles=("core", "observability"),
        services_dirs=["services"],
        dashboards="boards" if path.startswith("boards/") else None,
    )
    run = workplace.deploy(inventory, "--json")
    assert run.code == 1, run.said
    assert f"{path}:{line}" in run.err
    assert what in run.err
    (problem,) = run.hosts[0]["problems"]
    assert problem["where"].startswith(f"{path}:{line}")
    assert problem["remedy"]
