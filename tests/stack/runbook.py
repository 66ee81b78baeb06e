#!/usr/bin/env python3
"""docs/operations.md has what an operator meets: each event that is logged, each alert, and sections where links lead.
docs/options.md has each option, and links in all documents lead somewhere.

    runbook.py
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs/operations.md").read_text()
ALERTS = (ROOT / "deploy/observability/prometheus/alerts.yml").read_text()


def logged_events():
    """The names in calls of event_log::write: every string between the level and the fields."""
    found = set()
    for folder in ("actors", "io", "apps/dispatcher"):
        for file in (ROOT / folder).rglob("*.cpp"):
            for call in re.findall(r"(?:->|\.)write\(([^{;]*\bseverity::[^{;]*)\{", file.read_text()):
                found.update(re.findall(r'"([a-z_]+)"', call))
    return found


def documented_events():
    table = RUNBOOK.split("\n## Events\n")[1].split("\n## ")[0]
    return {name for line in table.splitlines() if line.startswith("| `")
            for name in re.findall(r"`(\w+)`", line.split("|")[1])}


def sections():
    """The anchors of the headings, as they are made of them where the page is read."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)}


class Runbook(unittest.TestCase):
    def test_has_each_event(self):
        self.assertGreater(len(logged_events()), 25)
        self.assertEqual(set(), logged_events() - documented_events())

    def test_has_no_event_that_is_not_logged(self):
        self.assertEqual(set(), documented_events() - logged_events())

    def test_has_a_section_for_each_alert(self):
        alerts = re.findall(r"- alert: (\w+)", ALERTS)
        self.assertTrue(alerts)
        self.assertEqual(set(), {name.lower() for name in alerts} - sections())
        self.assertEqual([f"docs/operations.md#{name.lower()}" for name in alerts],
                         re.findall(r"runbook: (\S+)", ALERTS))

    def test_links_lead_somewhere(self):
        links = set(re.findall(r"\]\(#([\w-]+)\)", RUNBOOK))
        self.assertEqual(set(), links - sections())
        for path in re.findall(r"\]\(([^#)]+)(?:#[\w-]+)?\)", RUNBOOK):
            self.assertTrue((ROOT / "docs" / path).exists(), path)


class Documents(unittest.TestCase):
    def test_have_each_option(self):
        listed = set(re.findall(r'"(--[a-z-]+)"', (ROOT / "apps/dispatcher/option_list.hpp").read_text()))
        rows = [line.split(" | ")[0] for line in (ROOT / "docs/options.md").read_text().splitlines()
                if line.startswith("| `--")]
        documented = set(re.findall(r"`(--[a-z-]+)", " ".join(rows)))
        self.assertGreater(len(listed), 20)
        # Those of the program and not of the service.
        self.assertEqual({"--config", "--check-config"}, documented - listed)
        self.assertEqual(set(), listed - documented)

    def test_have_links_that_lead_somewhere(self):
        pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
        self.assertGreater(len(pages), 30)
        for page in pages:
            for path in re.findall(r"\]\(([^#)\s]+)(?:#[\w-]+)?\)", page.read_text()):
                if not path.startswith("http"):
                    self.assertTrue((page.parent / path).exists(), f"{page.relative_to(ROOT)}: {path}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
