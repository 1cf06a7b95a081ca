"""What the GPUs do, as the host measures them each minute: a row of the overview, where there is one."""

from garrison.catalog.panels import Panel, Query

GPU = (
    Panel(
        title="GPU time",
        description="The share of its time in which something runs on each GPU.",
        unit="percentunit",
        queries=(Query(expr="garrison_gpu_busy_ratio", legend="GPU {{gpu}}"),),
    ),
    Panel(
        title="GPU memory",
        description="What is used of each GPU's memory, beside what it has.",
        unit="bytes",
        queries=(
            Query(expr="garrison_gpu_memory_bytes", legend="GPU {{gpu}}"),
            Query(expr="garrison_gpu_memory_size_bytes", legend="all of GPU {{gpu}}"),
        ),
    ),
    Panel(
        title="GPU temperature",
        description="In degrees Celsius.",
        queries=(Query(expr="garrison_gpu_temperature_celsius", legend="GPU {{gpu}}"),),
    ),
    Panel(
        title="GPU power",
        description="In watts.",
        queries=(Query(expr="garrison_gpu_power_watts", legend="GPU {{gpu}}"),),
    ),
    Panel(
        title="GPUs",
        description="What they are called.",
        shape="list",
        queries=(Query(expr="garrison_gpu_info"),),
        empty="not measured",
    ),
    Panel(
        title="GPUs measured",
        description="How long ago the host has measured its GPUs with success; it does so each minute.",
        shape="number",
        unit="s",
        queries=(
            Query(expr="time() - (garrison_gpus_measured_timestamp_seconds and garrison_gpus_measured == 1)"),
        ),
        alarm=600,
        empty="not measured",
    ),
)
