import json

import pytest

from garrison.controls.conditions import Code
from garrison.controls.load import load_controls
from tests.vm.machine import INVENTORY, Machine, garrison

# The host phase alone was deployed: what is said of containers, images or the door has nothing to be true of.
FAMILIES = {"host", "access", "firewall", "logging"}
IMAGE = "localhost/limits"
# Enough of a system to read a file in.
FILES = """bin lib lib64 usr/bin/cat usr/lib64/ld-linux-x86-64.so.2
usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 usr/lib/x86_64-linux-gnu/libc.so.6"""


def test_the_kernel_is_the_machine_s_own(vm: Machine) -> None:
    assert vm.run("systemd-detect-virt --container").stdout.strip() == "none"


def test_the_stack_user_may_limit_memory_processes_and_time(vm: Machine) -> None:
    controllers = vm.as_stack("podman info --format '{{.Host.CgroupControllers}}'")
    assert {"cpu", "memory", "pids"} <= set(controllers.strip("[]").split())


def test_the_limits_of_a_container_are_applied(vm: Machine) -> None:
    vm.sh(
        f"tar -C / -c {' '.join(FILES.split())} | /usr/local/lib/garrison/as-stack podman import -q - {IMAGE}"
    )
    limits = vm.as_stack(
        f"podman run --rm --network none --memory 64m --pids-limit 17 {IMAGE} "
        "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max"
    )
    assert limits.split() == ["67108864", "17"]


def test_apparmor_enforces_profiles(vm: Machine) -> None:
    profiles = json.loads(vm.sh("aa-status --json"))["profiles"]
    (condition,) = load_controls().by_id["H37"].holds
    assert isinstance(condition, Code)
    assert "enforce" in profiles.values()
    assert {name for name, mode in profiles.items() if mode == "complain"} == set(
        condition.arguments["as_shipped"]
    )


def test_the_audit_rules_of_the_files_are_loaded(vm: Machine) -> None:
    rules = vm.sh("auditctl -l").splitlines()
    wanted = vm.sh("cat /etc/audit/rules.d/50-garrison.rules").splitlines()
    assert len(rules) >= sum(line.startswith(("-a", "-w")) for line in wanted) > 0
    assert any("podman" in rule for rule in rules)


def test_what_root_changes_in_sudoers_is_noted(vm: Machine) -> None:
    vm.sh("touch /etc/sudoers.d/noted && rm /etc/sudoers.d/noted && sleep 2")
    assert "/etc/sudoers.d/noted" in vm.sh("ausearch -i -ts recent -f /etc/sudoers.d/noted")


def test_what_changes_deep_in_a_folder_that_came_after_the_rules_is_noted(vm: Machine) -> None:
    folder = "/srv/garrison/config/noted"
    vm.sh(f"mkdir -p {folder} && touch {folder}/deep && rm -r {folder} && sleep 2")
    assert f"{folder}/deep" in vm.sh(f"ausearch -i -ts recent -f {folder}/deep")


def test_every_sysctl_of_the_file_is_live(vm: Machine) -> None:
    lines = vm.sh("grep -Ev '^ *(#|$)' /etc/sysctl.d/90-garrison.conf").splitlines()
    wanted = {
        key.strip().lstrip("-"): value.strip() for key, _, value in (one.partition("=") for one in lines)
    }
    keys = " ".join(wanted)
    found = dict(
        line.split(" = ", 1)
        for line in vm.sh(f"sysctl {keys} 2>/dev/null || true").splitlines()
        if " = " in line
    )
    assert {key for key in wanted if key.startswith(("kernel.", "vm.", "fs."))}
    assert {key: value for key, value in wanted.items() if key in found and found[key] != value} == {}


def test_modules_we_forbid_are_refused(vm: Machine) -> None:
    lines = vm.sh("cat /etc/modprobe.d/garrison.conf").splitlines()
    forbidden = [line.split()[1] for line in lines if line.startswith("install ")]
    assert forbidden
    for module in forbidden:
        assert vm.run(f"modprobe {module}").returncode != 0 or module not in vm.sh("lsmod"), module


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_nothing_runs_from_a_folder_everybody_writes_to(vm: Machine, folder: str) -> None:
    done = vm.run(f"cp /usr/bin/true {folder}/true; {folder}/true; code=$?; rm {folder}/true; exit $code")
    assert (done.returncode, "Permission denied" in done.stderr) == (126, True)


def test_no_control_of_the_host_fails(vm: Machine) -> None:
    del vm
    done = garrison("check", INVENTORY, "--json")
    results = json.loads(done.stdout)["results"]
    ours = [one for one in results if one["family"] in FAMILIES]
    assert ours
    failed = {
        one["control"]: [each["what"] for each in one["findings"]] for one in ours if one["state"] == "failed"
    }
    assert failed == {}
