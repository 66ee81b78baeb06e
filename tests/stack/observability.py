#!/usr/bin/env python3
"""Prometheus's and Grafana's files: valid by promtool, and about metrics that there are.

    observability.py
"""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/observability/prometheus"
DASHBOARD = ROOT / "deploy/observability/grafana/dashboards/dispatcher.json"

# Series that Prometheus makes itself.
PROMETHEUS_OWN = {"up", "ALERTS"}
# What Grafana puts in for its variables.
DASHBOARD_VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}


def promtool(*arguments, stdin=None):
    """Runs promtool, which must be content."""
    if shutil.which("promtool") is None:
        raise AssertionError("promtool is missing: deploy/install-packages test")
    done = subprocess.run(["promtool", *map(str, arguments)], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise AssertionError(f"promtool {' '.join(map(str, arguments))}:\n{done.stdout}")


def documented_metrics():
    """The names in the first column of the table in docs/metrics.md."""
    names = set()
    for line in (ROOT / "docs/metrics.md").read_text().splitlines():
        if line.startswith("| `"):
            names.update(re.findall(r"`([a-z][a-z0-9_]*)`", line.split("|")[1]))
    return names


def metrics_in(expression):
    """The names of the metrics in an expression: names that are neither labels nor functions, without a histogram's suffix."""
    without_labels = re.sub(r"\{[^}]*\}", " ", re.sub(r'"[^"]*"', '""', expression))
    return {re.sub(r"_(bucket|sum|count)$", "", name)
            for name in re.findall(r"\b(?:dispatcher|caf|process)_\w+|\bup\b|\bALERTS\b", without_labels)}


def dashboard():
    return json.loads(DASHBOARD.read_text())


def dashboard_expressions(variables=DASHBOARD_VARIABLES):
    """Pairs of a panel's title and one of its expressions, with Grafana's variables filled in."""
    board = dashboard()
    found = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", [])]
    found += [(note["name"], note["expr"]) for note in board["annotations"]["list"]]
    for variable, value in variables.items():
        found = [(title, expression.replace(variable, value)) for title, expression in found]
    return found


def rules():
    """Pairs of an alert's name and its expression."""
    found = re.findall(r"- alert: (\w+)\n\s+expr: (.*)", (PROMETHEUS / "alerts.yml").read_text())
    assert found, "no alerts found"
    return found


class Prometheus(unittest.TestCase):
    def test_configuration_is_valid(self):
        promtool("check", "config", PROMETHEUS / "prometheus.yml")

    def test_alerts_fire_when_they_should(self):
        promtool("test", "rules", ROOT / "tests/stack/alerts_test.yml")

    def test_each_alert_is_tested(self):
        tested = set(re.findall(r"alertname: (\w+)\n +exp_alerts", (ROOT / "tests/stack/alerts_test.yml").read_text()))
        self.assertEqual({name for name, _ in rules()}, tested)

    def test_rules_are_about_metrics_that_there_are(self):
        known = documented_metrics() | PROMETHEUS_OWN
        for name, expression in rules():
            self.assertTrue(metrics_in(expression), f"{name} asks for nothing: {expression}")
            self.assertEqual(set(), metrics_in(expression) - known, f"in {name}; docs/metrics.md has no such metric")


class Dashboard(unittest.TestCase):
    def test_expressions_are_valid(self):
        # JSON is YAML: a file of recording rules, one for each expression.
        file = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{number}", "expr": expression}
            for number, (_, expression) in enumerate(dashboard_expressions())]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as rules_file:
            json.dump(file, rules_file)
            rules_file.flush()
            promtool("check", "rules", "--lint=none", rules_file.name)

    def test_panels_are_about_metrics_that_there_are(self):
        known = documented_metrics() | PROMETHEUS_OWN
        for title, expression in dashboard_expressions():
            self.assertNotIn("$", expression, f"an unknown variable in '{title}'")
            self.assertTrue(metrics_in(expression), f"'{title}' asks for nothing: {expression}")
            self.assertEqual(set(), metrics_in(expression) - known, f"in '{title}'; docs/metrics.md has no such metric")

    def test_nothing_lies_over_something_else(self):
        taken = {}
        for panel in dashboard()["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, f"'{panel['title']}' lies over '{taken.get((x, y))}'")
                    taken[x, y] = panel["title"]
        self.assertEqual(len({panel["id"] for panel in dashboard()["panels"]}), len(dashboard()["panels"]))

    def test_grafana_finds_its_data_source_and_its_dashboards(self):
        source = (ROOT / "deploy/observability/grafana/provisioning/datasources/prometheus.yml").read_text()
        chosen = next(v for v in dashboard()["templating"]["list"] if v["type"] == "datasource")["current"]["value"]
        self.assertIn(f"uid: {chosen}\n", source)
        provider = (ROOT / "deploy/observability/grafana/provisioning/dashboards/dispatcher.yml").read_text()
        folder = re.search(r"path: (\S+)", provider).group(1)
        self.assertIn(f"./deploy/observability/grafana/dashboards:{folder}:ro", (ROOT / "compose.yaml").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
