"""Measures everything in turn; see bench/run."""

import json
import shutil
import signal
import sys
import time
from pathlib import Path

import client_case
import documents
import groups_case
import inspected_case
import machine
import options as command_line
import peers_case
import plot
import session_case
import short_passes_case
import stalled_case
import table_text
import tables
import upstreams_case
from groups_tables import groups_tables
from load_generator import LoadGenerator
from server_process import ServerFailed
from servers import Servers
from session_tables import session_tables
from stream_cases import stream_cases

PROJECT = Path(__file__).resolve().parent.parent.parent


OTHER_CASES = {
    "stalled": stalled_case,
    "short-passes": short_passes_case,
    "session": session_case,
    "groups": groups_case,
    "client": client_case,
    "peers": peers_case,
    "upstreams": upstreams_case,
    "inspected": inspected_case,
}


class Bench:
    """What all cases need."""

    def __init__(self, options):
        self.options = options
        self.servers = Servers(options)
        self.servers.logs.mkdir(parents=True, exist_ok=True)
        self.load = LoadGenerator(options, self.servers)
        self.started = time.monotonic()
        self.problems = []

    def say(self, text):
        print(f"[{time.monotonic() - self.started:5.0f} s] {text}", file=sys.stderr, flush=True)

    def check(self, row):
        """Notes a stream that was not complete or not in order."""
        if row["good"]:
            return
        found = row["load"]
        what = f"{row['case']}, {row['contender']}, {row['clients']} clients: {found['faults']} {found['errors']}"
        self.problems.append(f"{what} {found['error_message']}".strip())
        self.say(f"NOT COMPLETE: {self.problems[-1]}")


def measure_all(bench):
    streams = stream_cases(bench.options)
    rows = []
    for name in bench.options.cases:
        if name in streams:
            rows += streams[name].run(bench)
        else:
            rows += OTHER_CASES[name].run(bench)
    return rows, [streams[name] for name in bench.options.cases if name in streams]


def tables_of(rows, cases):
    """By the name of their place in the document: each part can be measured without the others."""
    return {
        "results": tables.all_tables(rows, cases),
        "results of sessions": session_tables(rows),
        "results of groups": groups_tables(rows),
        "results of the client": client_case.client_tables(rows),
        "results of upstreams": upstreams_case.upstreams_tables(rows),
        "results of the peers": peers_case.peers_tables(rows),
    }


def write_results(bench, found_machine, rows, parts):
    out = Path(bench.options.out)
    raw = {"machine": found_machine, "rows": rows, "problems": bench.problems}
    (out / "results.json").write_text(json.dumps(raw, indent=1) + "\n")
    (out / "results.md").write_text(as_text(found_machine, sum(parts.values(), [])))
    plotted = plot.draw(rows, out / "performance.svg")
    if bench.options.update_docs:
        update_documents(out, found_machine, parts, plotted)


def as_text(found_machine, results):
    return f"{machine.sentence(found_machine)}\n\n" + "\n".join(map(table_text.markdown, results))


def update_documents(out, found_machine, parts, plotted):
    for name, results in parts.items():
        picture = "![cost by clients](performance.svg)\n\n" if plotted and name == "results" else ""
        if results:
            documents.update(PROJECT / "docs" / "performance.md", name, picture + as_text(found_machine, results))
    if plotted:
        shutil.copyfile(out / "performance.svg", PROJECT / "docs" / "performance.svg")


def main():
    options = command_line.parse(PROJECT)
    # A termination runs the same clean-up as an interruption does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(options)
    found_machine = machine.describe()
    try:
        rows, cases = measure_all(bench)
    except ServerFailed as problem:
        sys.exit(f"error: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    parts = tables_of(rows, cases)
    write_results(bench, found_machine, rows, parts)
    print(machine.sentence(found_machine) + "\n")
    print("\n".join(map(table_text.plain, sum(parts.values(), []))))
    bench.say(f"results.json, results.md, performance.svg and the logs are in {options.out}")
    for problem in bench.problems:
        print(f"not complete: {problem}", file=sys.stderr)
    sys.exit(1 if bench.problems else 0)


main()
