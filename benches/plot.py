"""The picture of memory against records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

# Ours, then the peers.
OURS, PEERS = "#0b6e4f", ("#b04a3a", "#c98a2b", "#7a6f9b")


def memory(groups: list[Any], target: Path) -> None:
    """A panel for each group: the most memory a process ever had, by how many records it has read."""
    import matplotlib

    matplotlib.use("svg")
    # The same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "lpchat"
    import matplotlib.pyplot as pyplot

    figure, panels = pyplot.subplots(1, len(groups), figsize=(4.6 * len(groups), 4.2), sharey=True, squeeze=False)
    for panel, group in zip(panels[0], groups, strict=True):
        peers = iter(PEERS)
        for contestant in group.contestants:
            mebibytes = [contestant.figures[f"peak_kib at {size}"][0] / 1024 for size in group.sizes]
            ours = contestant.name.startswith("lpchat")
            color, style = (OURS, "--" if "batch" in contestant.name else "-") if ours else (next(peers), "-")
            panel.plot(
                group.sizes, mebibytes, style, color=color, marker="o", linewidth=2.4 if ours else 1.4, label=contestant.name
            )
        panel.set_title(group.name, fontsize=11)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xticks(group.sizes, [f"{size:,}" for size in group.sizes])
        panel.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        panel.set_xlabel("records read")
        panel.grid(True, which="major", color="#dddddd")
        panel.legend(fontsize=8, loc="upper left", frameon=False)
    low, high = panels[0][0].get_ylim()
    ticks = [tick for tick in (25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000) if low <= tick <= high]
    panels[0][0].set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    panels[0][0].yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    # Room for the legends.
    panels[0][0].set_ylim(low, high * 4)
    panels[0][0].set_ylabel("peak memory of the process, MiB")
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})
