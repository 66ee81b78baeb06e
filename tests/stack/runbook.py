#!/usr/bin/env python3
"""docs/operations.md has what an operator meets: each event that is logged, and each alert. docs/options.md has each
option. In all documents links lead somewhere, measured figures are those of docs/performance.md's tables, and lines
have room in a terminal.

    runbook.py
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs/operations.md"
OPTIONS = ROOT / "docs/options.md"
MEASURED = ROOT / "docs/performance.md"
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
         *sorted((ROOT / "docs").rglob("*.md"))]
COLUMNS = 120
ALERTS = (ROOT / "deploy/observability/prometheus/alerts.yml").read_text()


def logged_events():
    """The names in calls of event_log::write, every string between the level and the fields, and of consumer_end::log."""
    found = set()
    for folder in ("actors", "io", "apps/dispatcher"):
        for file in (ROOT / folder).rglob("*.cpp"):
            for call in re.findall(r"(?:->|\.)write\(([^{;]*\bseverity::[^{;]*)\{", file.read_text()):
                found.update(re.findall(r'"([a-z_]+)"', call))
            found.update(re.findall(r'end_\.log\(reason, "([a-z_]+)"', file.read_text()))
    return found


def heads_of_items(text, head):
    """What `head` finds at the beginning of each item of the lists in a text. Every item has to begin so."""
    heads = []
    for item in re.findall(r"^- (.*)$", text, re.MULTILINE):
        found = re.match(head, item)
        assert found, f"an item begins otherwise: {item}"
        heads.append(found.group())
    return heads


def documented_events():
    """Items of the section begin with names and a level: `one`, `two` (info)."""
    section = RUNBOOK.read_text().split("\n## Events\n")[1].split("\n## ")[0]
    heads = heads_of_items(section, r"`\w+`(, `\w+`)* \((debug|info|warning|error)[);]")
    return {name for head in heads for name in re.findall(r"`(\w+)`", head)}


def documented_options():
    """Items of the sections on options begin with the flags and what these take: `--one`, `--two FILE` (default)."""
    sections = OPTIONS.read_text().split("\n## Signals")[0]
    return {name for head in heads_of_items(sections, r"`--[^`]+`(, `--[^`]+`)*")
            for name in re.findall(r"`(--[a-z-]+)", head)}


def without_code_blocks(page):
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchor_of(heading):
    """As it is made where the page is read."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def anchors(page):
    """Those of its headings."""
    return {anchor_of(heading) for heading in re.findall(r"^#+ (.*)$", without_code_blocks(page), re.MULTILINE)}


DEFINITION = re.compile(r"^\[([^\]]+)\]: (\S+)$", re.MULTILINE)


def definitions(page):
    """Labels of links and where they lead: [label]: target."""
    return dict(DEFINITION.findall(without_code_blocks(page)))


def labels(page):
    """Labels that the text uses: [label], or [text][label]."""
    prose = re.sub(r"`[^`]*`", "", DEFINITION.sub("", without_code_blocks(page)))
    return {" ".join((label or text).split())
            for text, label in re.findall(r"\[([^\[\]]+)\](?:\[([^\[\]]*)\])?(?!\()", prose)}


def targets(page):
    return {*re.findall(r"\]\(([^)\s]+)\)", without_code_blocks(page)), *definitions(page).values()}


def measured_figures(page):
    """What a page says to be measured: numbers that are the text of a link to a section of docs/performance.md, each with
    the section's anchor."""
    return [(number, anchor)
            for number, path, anchor in re.findall(r"\[(\d[\d,.]*)[^\]]*\]\(([^)#]*)#([^)]+)\)", page.read_text())
            if (page.parent / path if path else page).resolve() == MEASURED]


def numbers_in_tables():
    """The numbers in the tables of docs/performance.md, by their section's anchor."""
    found = {}
    for section in re.split(r"^#+ ", without_code_blocks(MEASURED), flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        rows = " ".join(re.findall(r"^\|.*$", text, re.MULTILINE))
        found[anchor_of(heading)] = set(re.findall(r"\d[\d,.]*", rows))
    return found


class Runbook(unittest.TestCase):
    def test_has_each_event(self):
        self.assertGreater(len(logged_events()), 25)
        self.assertEqual(set(), logged_events() - documented_events())

    def test_has_no_event_that_is_not_logged(self):
        self.assertEqual(set(), documented_events() - logged_events())

    def test_has_a_section_for_each_alert(self):
        alerts = re.findall(r"- alert: (\w+)", ALERTS)
        self.assertTrue(alerts)
        self.assertEqual(set(), {name.lower() for name in alerts} - anchors(RUNBOOK))
        self.assertEqual([f"docs/operations.md#{name.lower()}" for name in alerts],
                         re.findall(r"runbook: (\S+)", ALERTS))


class Documents(unittest.TestCase):
    def test_have_each_option(self):
        listed = set(re.findall(r'"(--[a-z-]+)"', (ROOT / "apps/dispatcher/option_list.hpp").read_text()))
        documented = documented_options()
        self.assertGreater(len(listed), 20)
        # Those of the program and not of the service.
        self.assertEqual({"--config", "--check-config"}, documented - listed)
        self.assertEqual(set(), listed - documented)

    def test_have_links_that_lead_somewhere(self):
        self.assertGreater(len(PAGES), 30)
        self.assertGreater(sum(len(targets(page)) for page in PAGES), 150)
        for page in PAGES:
            for target in targets(page):
                if target.startswith("http"):
                    continue
                path, _, anchor = target.partition("#")
                file = page.parent / path if path else page
                with self.subTest(page=page.relative_to(ROOT), target=target):
                    self.assertTrue(file.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(file))

    def test_define_the_labels_of_links_that_they_use(self):
        self.assertGreater(sum(len(definitions(page)) for page in PAGES), 50)
        for page in PAGES:
            with self.subTest(page=page.relative_to(ROOT)):
                self.assertEqual(labels(page), set(definitions(page)))

    def test_have_measured_figures_from_the_tables(self):
        tables = numbers_in_tables()
        figures = [(page.relative_to(ROOT), *figure) for page in PAGES for figure in measured_figures(page)]
        self.assertGreater(len(figures), 5)
        for page, number, anchor in figures:
            with self.subTest(page=page, figure=number):
                self.assertIn(number, tables[anchor])

    def test_call_neither_a_pass_nor_an_upstream_stream_a_stream(self):
        """By docs/glossary.md. Names of tests stay as they are."""
        for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy/dispatcher.toml",
                     ROOT / "apps/dispatcher/option_list.hpp"):
            prose = re.sub(r"^ +- `\w+`: .*(\n {4}.*)*", "", file.read_text(), flags=re.MULTILINE)
            with self.subTest(file=file.relative_to(ROOT)):
                self.assertEqual([], re.findall(r"\b(?:a|the|its|each|no|one|their|this) streams?\b", prose, re.IGNORECASE))

    def test_say_how_far_a_window_goes(self):
        (most,) = re.findall(r"most = (\d+)", (ROOT / "actors/policy/lookahead.hpp").read_text())
        for file, words in ((OPTIONS, r"up to (\d+) \(16 MiB\)"), (ROOT / "deploy/dispatcher.toml", r"up to (\d+)\n"),
                            (ROOT / "docs/protocol.md", r"\((\d+) where that is `auto`\)")):
            with self.subTest(file=file.relative_to(ROOT)):
                self.assertEqual([most], re.findall(words, file.read_text()))

    def test_have_lines_that_fit(self):
        long = [f"{page.relative_to(ROOT)}:{number}" for page in PAGES
                for number, line in enumerate(page.read_text().splitlines(), 1) if len(line) > COLUMNS]
        self.assertEqual([], long)


if __name__ == "__main__":
    unittest.main(verbosity=2)
