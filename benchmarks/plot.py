"""Draws cost against size: `python -m benchmarks.plot`, in the environment of the peers."""

from __future__ import annotations

import sys
from math import ceil

import matplotlib as mpl

from benchmarks.runs import RESULTS, all_known, growth

SERVERS = ("ours", "floor", "fastapi", "ninja", "stock")
COLUMNS = 4


def main() -> int:
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "benchmarks"  # the same figures make the same file
    from matplotlib import pyplot as plt  # noqa: PLC0415 - the drawing had to be told how

    runs = all_known()
    lines = {server: growth(runs, server) for server in SERVERS}
    names = list(lines["ours"])
    if not names:
        sys.stderr.write("There is one size only, or none: measure another one first, by `make bench SIZE=…`.\n")
        return 1
    rows = ceil(len(names) / COLUMNS)
    figure, places = plt.subplots(rows, COLUMNS, figsize=(4 * COLUMNS, 3 * rows), squeeze=False, sharex=True)
    for place, name in zip(places.flat, names, strict=False):
        for server in SERVERS:
            if points := lines[server].get(name):
                place.plot(*zip(*points, strict=True), marker="o", label=server)
        place.set(title=name, xscale="log", yscale="log", xlabel="restaurants", ylabel="ms of CPU")
    for place in places.flat[len(names) :]:
        place.set_axis_off()
    figure.legend(*places.flat[0].get_legend_handles_labels(), loc="lower center", ncols=len(SERVERS))
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(RESULTS / "peers.svg", metadata={"Date": None})
    sys.stdout.write("benchmarks/results/peers.svg\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
