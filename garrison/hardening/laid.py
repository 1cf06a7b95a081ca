"""Every file that the hardening lays down whole."""

from garrison.controls.conditions import Apt, Audit, Code, Config, Module, Mount, Package, Sysctl
from garrison.hardening.aide import aide_files
from garrison.hardening.apt import apt_files
from garrison.hardening.audit import audit_files
from garrison.hardening.banners import banner_files, limit_files
from garrison.hardening.boot import boot_files
from garrison.hardening.chosen import Chosen
from garrison.hardening.config import config_files
from garrison.hardening.logs import log_files
from garrison.hardening.modules import module_files
from garrison.hardening.mounts import mount_files
from garrison.hardening.sysctl import again_files, sysctl_files
from garrison.plan.hostfiles import HostFile
from garrison.settings import HostSettings


def lay_down(
    chosen: Chosen,
    settings: HostSettings,
    *,
    in_container: bool,
    boots_itself: bool,
    in_use: frozenset[str] = frozenset(),
    withheld: frozenset[str] = frozenset(),
) -> dict[str, HostFile]:
    """By path. What applies to other hosts only is written all the same, but for what would do harm there.

    ``in_use`` are the kernel modules that the host may need at its next boot,
    ``withheld`` the settings of the kernel that would cut it off.
    """
    if not chosen.controls:
        return {}
    code = chosen.of(Code)
    return {
        **sysctl_files(chosen.of(Sysctl), in_container=in_container, withheld=withheld),
        **again_files(),
        **module_files(chosen.of(Module), in_use),
        **mount_files(chosen.of(Mount)),
        **config_files(chosen.of(Config)),
        **apt_files(chosen.of(Apt), settings.reboot),
        **audit_files(chosen.of(Audit), code, settings.stack_home),
        **aide_files(chosen.of(Package)),
        **banner_files(),
        **limit_files(),
        **log_files(),
        **(boot_files(code) if boots_itself else {}),
    }
