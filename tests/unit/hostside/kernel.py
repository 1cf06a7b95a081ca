"""A kernel's files about two containers, as far as they are read, below folders of a test's own."""

from pathlib import Path

AIDB, NGINX = "3f1d0c5e9a7b4268" * 4, "b7e2a1904c3d58f6" * 4
SLICE = "/user.slice/user-4000.slice/user@4000.service"
OF_AIDB = f"{SLICE}/user.slice/libpod-{AIDB}.scope"
OF_NGINX = f"{SLICE}/app.slice/garrison-door.service/libpod-payload-{NGINX}"
MEMORY_STAT = (
    "anon 60000000\nfile 45000000\nactive_file 30000000\ninactive_file 10000000\nslab_reclaimable 2000000\n"
)


class Kernel:
    """The files below /proc and /sys/fs/cgroup, as far as they are read."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.cgroups = folder / "proc", folder / "cgroup"
        self.write(self.proc / "vmstat", "nr_free_pages 100\noom_kill 7\n")
        self.write(self.proc / "sys/kernel/tainted", "0\n")

    @staticmethod
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def process(
        self, pid: int, space: str, cgroup: str, ticks: tuple[int, ...] = (0,) * 4, threads: int = 1
    ) -> None:
        folder = self.proc / str(pid)
        self.write(folder / "cgroup", f"0::{cgroup}\n")
        times = " ".join(map(str, ticks))
        self.write(
            folder / "stat", f"{pid} (a) b) c) S 1 2 3 0 -1 4194560 9 9 9 9 {times} 20 0 {threads} 0 55\n"
        )
        self.write(
            folder / "smaps_rollup",
            "559d050a1000-7fff615a7000 ---p 00000000 00:00 0    [rollup]\n"
            "Rss:                1852 kB\nPss:                 218 kB\nPss_Anon:            116 kB\n"
            "Pss_File:            102 kB\nPss_Shmem:             4 kB\n",
        )
        self.write(folder / "uid_map", "         0     524288      65536\n")
        (folder / "ns").mkdir(exist_ok=True)
        (folder / "ns/pid").unlink(missing_ok=True)
        (folder / "ns/pid").symlink_to(f"pid:[{space}]")

    def cgroup(self, path: str, *controllers: str) -> None:
        folder = self.cgroups / path.lstrip("/")
        self.write(folder / "cpu.stat", "usage_usec 12500000\nuser_usec 9000000\nsystem_usec 3500000\n")
        if "memory" in controllers:
            self.write(folder / "memory.current", "110000000\n")
            self.write(folder / "memory.stat", MEMORY_STAT)
        if "pids" in controllers:
            self.write(folder / "pids.current", "21\n")
