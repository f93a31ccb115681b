"""What the comparison with the peers works out: no server is started here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.answers import Differs, canonical, check_same
from benchmarks.processors import Clock, resident_mb, tree
from benchmarks.ratios import as_rows, beside_best_peer, cost, ratios, table, verdict
from benchmarks.runs import Run, growth


def process(proc: Path, pid: int, *, threads: dict[int, int], children: str = "") -> None:
    """A process as Linux shows it, with the nanoseconds of each of its threads."""
    for thread, spent in threads.items():
        folder = proc / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(f"{spent} 12 3\n")
        (folder / "children").write_text(children if thread == pid else "")
    (proc / str(pid) / "status").write_text("Name:\tserver\nVmRSS:\t  2048 kB\n")


def test_it_takes_the_median_of_rounds_for_each_request() -> None:
    found = cost([(10.0, 5.0, 5), (20.0, 5.0, 5), (300.0, 100.0, 10)])
    assert (found.server_ms, found.database_ms, found.total_ms) == (4.0, 1.0, 5.0)
    assert (found.low_ms, found.high_ms, found.rounds, found.requests) == (3.0, 40.0, 3, 20)


def test_it_says_how_many_times_the_others_ours_costs() -> None:
    costs = {"ours": cost([(6.0, 0.0, 1)]), "floor": cost([(2.0, 0.0, 1)]), "fastapi": cost([(12.0, 0.0, 1)])}
    costs["ninja"] = cost([(8.0, 0.0, 1)])
    assert ratios(costs) == {"floor": 3.0, "fastapi": 0.5, "ninja": 0.75}
    assert beside_best_peer(costs) == 0.75
    assert (verdict("detail", costs), verdict("list-own", costs)) == ("≤ 3: yes", "≤ 2: missed")
    assert verdict("token", costs) == ""


def test_it_shows_what_is_known_and_leaves_out_what_is_not() -> None:
    costs = {"ours": cost([(6.0, 1.0, 1)]), "floor": cost([(2.0, 1.5, 1)])}
    result = {"endpoint": "detail", "person": "admin", "statements": 2, "costs": as_rows(costs)}
    line = table([result], ["ours", "floor", "stock"]).splitlines()[2]
    cells = [
        "detail",
        "admin",
        "2",
        "6.00 + 1.00 (7.00–7.00)",
        "2.00 + 1.50 (3.50–3.50)",
        "",
        "2.00",
        "",
        "",
        "≤ 3: yes",
    ]
    assert line.split(" | ") == ["| detail", *cells[1:-1], f"{cells[-1]} |"]


def test_it_compares_rows_whatever_the_order_of_keys_and_the_envelope() -> None:
    ours = canonical([{"id": 1, "name": "Spice", "at": "now"}], left_out={"at"})
    assert ours == canonical({"count": 9, "results": [{"name": "Spice", "id": 1}]})
    check_same("ours", ours, "stock", ours)
    with pytest.raises(Differs, match="stock"):
        check_same("ours", ours, "stock", canonical([{"id": 1, "name": "Spices"}]))


def test_it_counts_all_threads_of_all_processes_of_a_server(tmp_path: Path) -> None:
    process(tmp_path, 10, threads={10: 1_000_000}, children="11 12 ")
    process(tmp_path, 11, threads={11: 2_000_000, 21: 3_000_000})
    process(tmp_path, 12, threads={12: 0})
    assert tree(10, proc=tmp_path) == [10, 11, 12]
    assert resident_mb(11, proc=tmp_path) == 2.0
    clock = Clock()
    assert clock.look(tree(10, proc=tmp_path), proc=tmp_path) == 6.0
    process(tmp_path, 12, threads={12: 4_000_000})
    assert clock.look([10, 11, 12], proc=tmp_path) == 4.0


def test_it_counts_a_new_process_whole_and_says_that_one_was_lost(tmp_path: Path) -> None:
    process(tmp_path, 10, threads={10: 1_000_000})
    process(tmp_path, 11, threads={11: 2_000_000})
    clock = Clock()
    clock.look([10], proc=tmp_path)
    assert clock.look([11], proc=tmp_path) == 2.0
    assert clock.lost == 1


def begun(folder: Path, *, anew: bool = False) -> Run:
    return Run.begin(10, kinds={"ours": "the service"}, folder=folder, anew=anew)


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    begun(tmp_path).add({"endpoint": "detail", "costs": {}})
    assert begun(tmp_path).done == {"detail"}
    assert begun(tmp_path, anew=True).done == set()
    begun(tmp_path).finish({"ours": 81.234})
    assert begun(tmp_path).done == set()


def test_it_finds_what_grows_with_the_size() -> None:
    runs = [
        {"restaurants": size, "endpoints": [{"endpoint": "detail", "costs": {"ours": {"total_ms": ms}}}]}
        for size, ms in ((10, 1.0), (1000, 1.5))
    ]
    assert growth(runs, "ours") == {"detail": [(10, 1.0), (1000, 1.5)]}
    assert growth(runs[:1], "ours") == {}
    assert growth(runs, "floor") == {}
