#!/usr/bin/env python3
"""A real Prometheus scrapes a real dispatcher with consumers, and every panel of the dashboard has something to show.

    scrape.py FOLDER-OF-PROGRAMS
"""

import json
import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
from observability import DASHBOARD_VARIABLES, PROMETHEUS, dashboard_expressions, promtool  # noqa: E402

PATIENCE = 60
# Of the rates: with a scrape each second there are enough of them in here.
RATE_INTERVAL = "10s"

programs = None


class Process:
    """A program whose lines on stderr can be waited for; it is ended with the test."""

    def __init__(self, test, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, bufsize=0)
        self.lines = b""
        test.addCleanup(self.end)

    def wait_for(self, pattern):
        """@returns the first group of the first match in what it has written."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.lines.decode(errors="replace"))):
            ready, _, _ = select.select([self.process.stderr], [], [], max(0, deadline - time.monotonic()))
            some = self.process.stderr.read(65536) if ready else b""
            if not some:
                raise AssertionError(f"no {pattern} from {self.process.args[0]}:\n{self.lines.decode(errors='replace')}")
            self.lines += some
        return found.group(1)

    def end(self):
        self.process.terminate()
        try:
            # Reads on: a program that cannot write its last lines would not end.
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Scrape(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.start_dispatcher()
        self.start_prometheus()

    def start_dispatcher(self):
        data = Process(self, programs / "dataset-server", "--listen", "127.0.0.1:0")
        upstream = "127.0.0.1:" + data.wait_for(r"serving .*port=(\d+)")
        # A cache that holds a part of the dataset, so that there are hits, misses and evictions; and calls, which are timed.
        dispatcher = Process(self, programs / "dispatcher", "--upstream", upstream, "--listen", "127.0.0.1:0",
                             "--sessions", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--cache-mb", "8", "--fetch-mode", "get", "--log-format", "text")
        port = dispatcher.wait_for(r" serving port=(\d+)")
        self.admin = "127.0.0.1:" + dispatcher.wait_for(r" serving .* admin=(\d+)")
        sessions = dispatcher.wait_for(r" serving .* sessions=(\d+)")
        # Without end, and nothing of what it takes is kept.
        Process(self, programs / "dispatcher-pull", "--session", "--connect", f"127.0.0.1:{sessions}", "--group", "eval",
                "--epochs", "0", "--batch-size", "8", "--quiet")
        for delay in ("5", "50"):
            Process(self, programs / "dispatcher-pull", "--connect", f"127.0.0.1:{port}", "--passes", "0", "--quiet",
                    "--delay-ms", delay)

    def start_prometheus(self):
        config = (PROMETHEUS / "prometheus.yml").read_text()
        config = config.replace("dispatcher:8081", self.admin).replace("alerts.yml", str(PROMETHEUS / "alerts.yml"))
        config = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval): \w+", r"\1: 1s", config)
        (self.folder / "prometheus.yml").write_text(config)
        prometheus = Process(self, "prometheus", f"--config.file={self.folder / 'prometheus.yml'}",
                             f"--storage.tsdb.path={self.folder / 'data'}", "--web.listen-address=127.0.0.1:0")
        self.prometheus = "http://127.0.0.1:" + prometheus.wait_for(r'"Listening on" address=127\.0\.0\.1:(\d+)')
        prometheus.wait_for(r"(Server is ready)")

    def query(self, expression):
        return json.loads(get(f"{self.prometheus}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"))["data"]["result"]

    def wait_for(self, expression):
        """Until Prometheus answers with something that is a number."""
        deadline = time.monotonic() + PATIENCE
        while not (found := [x for x in self.query(expression) if x["value"][1] != "NaN"]):
            self.assertLess(time.monotonic(), deadline, f"nothing for {expression}")
            time.sleep(0.2)
        return found

    def test_every_panel_has_something_to_show(self):
        self.wait_for('count_over_time((up{job="dispatcher"} == 1)[1m:1s]) > 5')
        for title, expression in dashboard_expressions({**DASHBOARD_VARIABLES, "$__rate_interval": RATE_INTERVAL}):
            if title == "Alerts":
                continue
            with self.subTest(title):
                # What did not fail is left out there.
                self.wait_for(expression.removesuffix(" > 0"))
        self.assertEqual([], self.query('ALERTS{alertstate="firing"}'))

    def test_metrics_are_named_as_they_should_be(self):
        body = self.folder / "metrics"
        body.write_text(get(f"http://{self.admin}/metrics"))
        with body.open() as text:
            promtool("check", "metrics", stdin=text)


if __name__ == "__main__":
    programs = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
