#!/usr/bin/env python3
"""What is remembered and counted of sessions: session_history.py DISPATCHER DATASET_SERVER."""

import json
import re
import sys
import time
import unittest
import urllib.request

from numbers_service import NumbersService
from session_client import Session

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SAMPLES = 2000


class SessionHistory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "big=synthetic:100000x4:int64", "--admin",
                                      "127.0.0.1:0", "--cache-mb", "1")
        cls.port, cls.admin = cls.programs.port, cls.programs.admin

    @classmethod
    def tearDownClass(cls):
        cls.programs.stop()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=10) as answer:
            return answer.read().decode()

    def reached(self, value, is_wanted):
        """The value, as soon as it is as wanted."""
        deadline = time.monotonic() + 30
        while True:
            now = value()
            if is_wanted(now):
                return now
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.05)

    def rows(self, name):
        return [row for row in json.loads(self.get("/history?seconds=1"))["sessions"]["rows"] if row["name"] == name]

    def row(self, name, is_wanted):
        (row,) = self.reached(lambda: self.rows(name), lambda rows: len(rows) == 1 and is_wanted(rows[0]))
        return row

    def metric(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics"), re.MULTILINE).group(1))

    def take(self, session, batches):
        """Returns the cursor behind them."""
        for message in session:
            if message["type"] == "batch":
                batches -= 1
                if batches == 0:
                    return message["cursor"]
        self.fail("the session has ended")

    def test_a_session_that_comes_again_goes_on_in_its_row(self):
        hello = {"client": "resnet", "shuffle": {"seed": 7}, "batch_size": 10, "epochs": 0, "window": 1}
        session = Session(self.port, **hello)
        cursor = self.take(session, 250)
        here = self.row("resnet", lambda row: row["epoch"] > 0)
        self.assertIsNone(here["gone_at"])
        self.assertEqual((1, "numbers", 7, SAMPLES, 200), (here["times"], here["dataset"], here["seed"], here["samples"],
                                                           here["steps"]))
        session.close()
        gone = self.row("resnet", lambda row: row["gone_at"] is not None)
        self.assertEqual("lost", gone["outcome"])
        self.assertGreater(gone["epoch"] * SAMPLES + gone["position"], 2500 - 1)
        self.assertTrue(any(x is not None for x in gone["batches_per_second"]))
        again = Session(self.port, start={"cursor": cursor}, **hello)
        self.take(again, 1)
        row = self.row("resnet", lambda row: row["gone_at"] is None)
        self.assertEqual(2, row["times"])
        again.close()

    def test_shards_of_one_name_have_rows_of_their_own(self):
        for index in range(2):
            session = Session(self.port, client="ddp", shuffle={"seed": 3}, batch_size=10, epochs=2,
                              shard={"index": index, "count": 2})
            self.assertEqual("eof", list(session)[-1]["type"])
            session.close()
        rows = self.reached(lambda: self.rows("ddp"), lambda rows: len(rows) == 2 and all(row["gone_at"] for row in rows))
        self.assertEqual([(0, 2), (1, 2)], [(row["shard"]["index"], row["shard"]["count"]) for row in rows])
        for row in rows:
            self.assertEqual(("complete", 2, 2, 1), (row["outcome"], row["epoch"], row["end_epoch"], row["times"]))

    def test_a_session_without_a_name_has_no_row(self):
        session = Session(self.port)
        self.assertEqual("eof", list(session)[-1]["type"])
        session.close()
        self.assertEqual([], self.rows("") + self.rows(None))

    def test_ended_sessions_are_counted(self):
        outcome = 'dispatcher_sessions_ended_total{outcome="error"}'
        before = self.metric(outcome)
        session = Session(self.port, dataset="nothing")
        self.assertEqual("error", next(session)["type"])
        session.close()
        self.reached(lambda: self.metric(outcome), lambda now: now == before + 1)

    def test_an_order_that_does_not_fit_is_counted_while_it_is_read(self):
        self.assertEqual(0, self.metric("dispatcher_orders_exceeding_cache"))
        session = Session(self.port, dataset="big", shuffle={"seed": 1}, window=1)
        self.take(session, 1)
        self.assertEqual(1, self.metric("dispatcher_orders_exceeding_cache"))
        session.close()
        self.reached(lambda: self.metric("dispatcher_orders_exceeding_cache"), lambda now: now == 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
