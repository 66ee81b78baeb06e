#!/usr/bin/env python3
"""What people see of groups, and how they change them: group_command.py DISPATCHER DATASET_SERVER."""

import json
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from group_member import Member
from numbers_service import NumbersService
from session_client import Session

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SAMPLES = 2000
SCHEMA = Path(__file__).resolve().parents[2] / "docs/status.schema.json"


class GroupCommand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64", "--admin",
                                      "127.0.0.1:0")
        cls.port = cls.programs.port

    @classmethod
    def tearDownClass(cls):
        cls.programs.stop()

    def member(self, **hello):
        result = Member(self.port, self.id(), batch_size=10, **hello)
        self.addCleanup(result.close)
        return result

    def command(self, *arguments, code=0):
        """What `dispatcher group` prints; or says, where it ends with another code."""
        result = subprocess.run([DISPATCHER, "group", *arguments, "--admin", f"127.0.0.1:{self.programs.admin}"],
                                capture_output=True, text=True, check=False, timeout=30)
        self.assertEqual(code, result.returncode, result.stderr)
        self.assertEqual("", result.stderr if code == 0 else result.stdout)
        return result.stdout if code == 0 else result.stderr

    def shown(self):
        return json.loads(self.command("show", self.id(), "--json"))

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.programs.admin}/status", timeout=10) as answer:
            return json.load(answer)

    def wait_for_status(self, is_right):
        """The group's row of a status, and the status: both are of some time ago."""
        deadline = time.monotonic() + 30
        while True:
            status = self.status()
            rows = [x for x in status["groups"]["rows"] if x["name"] == self.id() and is_right(x)]
            if rows:
                return rows[0], status
            self.assertLess(time.monotonic(), deadline, status["groups"])
            time.sleep(0.05)

    def check_schema(self, status):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(status, file)
            file.flush()
            subprocess.run(["/usr/bin/python3", "-W", "ignore", "-m", "jsonschema", "-i", file.name, SCHEMA], check=True)

    def test_a_group_is_listed_and_shown(self):
        member = self.member(window=8)
        member.read(most=3)
        member.wait_for("batch")
        member.session.say(type="ping")
        member.wait_for("pong")
        self.assertRegex(self.command("list"), rf"(?m)^{re.escape(self.id())} +numbers +1 +epoch 0 of 1, position \d+ +3 ")
        shown = self.shown()
        self.assertEqual(("open", 3, 0, 10, SAMPLES),
                         (shown["state"], shown["acked"], shown["open_epoch"], shown["batch_size"], shown["samples"]))
        self.assertEqual((0, 30), (shown["out"][0]["epoch"], shown["out"][0]["position"]))
        self.assertIn("client_127.0.0.1", shown["out"][0]["members"])
        self.assertIn(f"group '{self.id()}' of dataset 'numbers'", self.command("show", self.id()))
        member.ack()
        self.assertEqual("eof", member.read()["type"])
        self.assertEqual("over", self.shown()["state"])
        self.assertEqual([], self.shown()["out"])

    def test_the_status_says_who_holds_what(self):
        members = [self.member(window=4) for _ in range(2)]
        for member in members:
            member.wait_for("batch")
        group, status = self.wait_for_status(lambda group: [x["held"] > 0 for x in group["members"]] == [True, True])
        self.check_schema(status)
        self.assertEqual("serving", status["groups"]["store"])
        for member in group["members"]:
            self.assertIn(member["held"], range(1, 5))
            self.assertEqual(0, member["oldest"]["epoch"])
            self.assertGreater(member["held_seconds"], 0)
        self.assertIn(("group", self.id()), {(x["name"], x["label"]) for x in status["actors"]})

    def test_a_group_is_set_to_another_place(self):
        member = self.member()
        member.read(most=5)
        member.wait_for("batch")
        self.assertIn("generation 2", self.command("seek", self.id(), "--epoch", "0", "--position", "1500"))
        error = member.wait_for("error")
        self.assertEqual("ABORTED", error["code"], error)
        again = self.member()
        self.assertEqual("eof", again.read()["type"])
        self.assertEqual([(0, x) for x in range(1500, SAMPLES)], sorted(again.taken))
        self.assertEqual([], again.marked)

    def test_a_parked_batch_is_left_out(self):
        member = self.member(window=1)
        member.wait_for("batch")
        self.assertIn("is parked", self.command("park", self.id(), "--epoch", "0", "--position", "45"))
        # Then the dispatcher has heard of it from the store.
        self.wait_for_status(lambda group: group["parked"] == 1)
        self.assertEqual([(0, 40, "by hand")], [(x["epoch"], x["position"], x["member"])
                                                 for x in self.shown()["parked_batches"]])
        member.ack()
        self.assertEqual("eof", member.read()["type"])
        self.assertEqual([(0, x) for x in range(SAMPLES) if x not in range(40, 50)], sorted(member.taken))
        self.assertIn("is not out", self.command("park", self.id(), "--epoch", "0", "--position", "45", code=1))

    def test_a_group_is_deleted(self):
        member = self.member()
        member.read(most=5)
        member.wait_for("batch")
        self.assertIn("is deleted", self.command("delete", self.id()))
        error = member.wait_for("error")
        self.assertEqual("ABORTED", error["code"], error)
        self.assertEqual(f"error: there is no group '{self.id()}'\n", self.command("show", self.id(), code=1))
        anew = Session(self.port, group=self.id(), dataset="other", batch_size=100)
        self.assertEqual("welcome", next(anew)["type"])
        anew.close()

    def test_what_is_wrong_is_said_in_a_line(self):
        self.assertIn("there is no group 'none'", self.command("delete", "none", code=1))
        self.assertIn("takes list, show, seek, park or delete", self.command("drop", code=2))
        self.member().wait_for("batch")
        self.assertIn("has 2000 samples", self.command("seek", self.id(), "--epoch", "0", "--position", "2001", code=1))
        self.assertIn("ends before epoch 1", self.command("seek", self.id(), "--epoch", "2", code=1))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
