"""What the figures were measured on, as far as it matters to them."""

import os
import platform
import re


def cpu_model():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def describe():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    kernel = ".".join(platform.release().split(".")[:2])
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu_model(),
        "memory_gb": round(memory),
        "kernel": re.sub(r"[^0-9.].*", "", kernel),
        "load_average": round(os.getloadavg()[0], 2),
    }


def sentence(found):
    return (
        f"{found['cores']} cores of {found['cpu']}, {found['memory_gb']} GB, Linux {found['kernel']};"
        f" load average {found['load_average']} when it began."
    )
