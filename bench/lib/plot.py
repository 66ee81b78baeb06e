"""The plot of how speed and cost change with the number of clients."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import LogLocator  # noqa: E402

from servers import DISPATCHER, FLOOR  # noqa: E402
from tables import medians  # noqa: E402

PANELS = [
    ("frames_per_second", "frames per second"),
    ("cpu_per_1000", "CPU seconds per 1,000 frames"),
    ("peak_mb", "peak memory, MB"),
]
COLOURS = {DISPATCHER: "#1f6fb4", FLOOR: "#777777"}
OTHER_COLOURS = ["#d1682b", "#3b8f5a", "#8a5fb0"]
LINES = {"warm": "-", "cold": "--"}


def draw(rows, path):
    """Draws what there is of cold and warm into an SVG file; returns whether there was something to draw."""
    of_cases = {case: medians(rows, case) for case in LINES}
    of_cases = {case: found for case, found in of_cases.items() if found}
    if not of_cases:
        return False
    # The same results make the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "dispatcher", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = plt.subplots(1, len(PANELS), figsize=(13, 4.4))
    for axis, panel in zip(axes, PANELS):
        draw_panel(axis, of_cases, *panel)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
    legend_share = 0.08
    figure.tight_layout(rect=(0, legend_share, 1, 1))
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    return True


def draw_panel(axis, of_cases, field, title):
    for case, contenders in of_cases.items():
        others = iter(OTHER_COLOURS * len(contenders))
        for contender, by_clients in contenders.items():
            colour = COLOURS.get(contender) or next(others)
            clients = list(by_clients)
            values = [by_clients[n][field] for n in clients]
            axis.plot(clients, values, LINES[case], color=colour, marker="o", markersize=4, label=f"{contender}, {case}")
    ticks = sorted({n for contenders in of_cases.values() for by_clients in contenders.values() for n in by_clients})
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axis.minorticks_off()
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.5g}")
    axis.set_xlabel("clients")
    axis.set_title(title, fontsize=10)
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
