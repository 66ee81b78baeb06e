#!/usr/bin/env python3
"""Sessions with real programs: sessions.py DISPATCHER DATASET_SERVER."""

import json
import socket
import sys
import unittest

from numbers_service import NumbersService
from running import Program
from session_client import Reader, Session, numbers_in

DISPATCHER, DATASET_SERVER = sys.argv[1:3]
SAMPLES = 2000


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = NumbersService(DISPATCHER, DATASET_SERVER, SAMPLES, "other=synthetic:500x2:int64")
        cls.port = cls.programs.port

    @classmethod
    def tearDownClass(cls):
        cls.programs.stop()

    def reader(self, **hello):
        return Reader(self.port, **hello)

    def check_whole(self, reader, epoch=0):
        self.assertEqual(list(range(SAMPLES)), sorted(reader.of_epoch(epoch)))

    def error(self, **hello):
        session = Session(self.port, **hello)
        message = next(session)
        self.assertEqual("error", message["type"], message)
        self.assertIsNone(next(session, None))
        session.close()
        return message

    # -- what a session gets

    def test_a_bare_hello_shows_a_pass(self):
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b'{"type":"hello"}\n')
            lines = [json.loads(line) for line in client.makefile()]
        self.assertEqual("welcome", lines[0]["type"])
        self.assertEqual(["x", "label"], [x["name"] for x in lines[0]["columns"]])
        self.assertEqual(67, sum(x["type"] == "batch" for x in lines))
        self.assertEqual(["epoch", "eof"], [x["type"] for x in lines[-2:]])

    def test_any_batch_size_shuffle_and_shard_gives_each_sample_once(self):
        for hello in ({}, {"batch_size": 7}, {"batch_size": 64}, {"batch_size": 5000}, {"shuffle": {"seed": 7}},
                      {"shuffle": {"seed": 8, "window": 3}, "batch_size": 100},
                      {"shuffle": {"seed": 9, "window": 1, "block": 1}, "batch_size": 13},
                      {"shuffle": {"seed": 2**64 - 1, "window": 16, "block": 77}, "batch_size": 1000}):
            with self.subTest(hello=hello):
                reader = self.reader(**hello)
                self.assertEqual("eof", reader.read()["type"])
                self.check_whole(reader)

    def test_shards_together_are_one(self):
        for ends in ("uneven", "drop", "pad"):
            hello = {"shuffle": {"seed": 3, "window": 5}, "batch_size": 16, "ends": ends}
            shards = [self.reader(shard={"index": i, "count": 3}, **hello) for i in range(3)]
            counts = [shard.read()["batches"] for shard in shards]
            union = sorted(x for shard in shards for _, x in shard.taken)
            with self.subTest(ends=ends):
                if ends == "uneven":
                    self.assertEqual(list(range(SAMPLES)), union)
                elif ends == "drop":
                    self.assertEqual(SAMPLES - shards[0].epochs[0]["dropped"], len(union))
                    self.assertEqual(len(set(union)), len(union))
                else:
                    self.assertEqual(set(range(SAMPLES)), set(union))
                if ends != "uneven":
                    self.assertEqual(1, len(set(counts)))

    def test_epochs_have_orders_of_their_own(self):
        reader = self.reader(shuffle={"seed": 4}, epochs=3, batch_size=50)
        last = reader.read()
        self.assertEqual((120, 3 * SAMPLES), (last["batches"], last["samples"]))
        orders = [reader.of_epoch(epoch) for epoch in range(3)]
        for epoch in range(3):
            self.check_whole(reader, epoch)
        self.assertEqual(3, len({tuple(order) for order in orders}))

    def test_skipped_positions_never_come(self):
        session = Session(self.port, shuffle={"seed": 6}, skip=[[0, 0, 500], [0, 700, 800]], batch_size=40)
        numbers = [x for message in session if message["type"] == "batch" for x in numbers_in(message)]
        session.close()
        self.assertEqual(SAMPLES - 600, len(set(numbers)))
        self.assertEqual(SAMPLES - 600, len(numbers))

    def test_some_columns_in_another_order(self):
        session = Session(self.port, columns=["label"])
        self.assertEqual(["label"], [x["name"] for x in next(session)["columns"]])
        self.assertEqual(30 * 4, next(session)["payload_bytes"])
        session.close()

    # -- the resume bugs of others

    def test_a_cursor_is_of_what_was_used_and_not_of_what_was_read_ahead(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20)
        reader.read(most=5)
        self.assertIn(",sample=100,", reader.cursor)
        reader.read()
        self.check_whole(reader)

    def test_a_cursor_saved_at_the_end_of_an_epoch_goes_on_with_the_next(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20, epochs=2)
        reader.read(most=100)
        self.assertIn(f",epoch=0,sample={SAMPLES},", reader.cursor)
        last = reader.read()
        self.assertEqual(["eof", 100], [last["type"], last["batches"]])
        self.assertEqual([0, 1], [x["epoch"] for x in reader.epochs])
        self.check_whole(reader, 0)
        self.check_whole(reader, 1)

    def test_an_epoch_is_gone_on_with_twice(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20)
        reader.read(most=30)
        reader.read(most=30)
        reader.read()
        self.check_whole(reader)

    def test_a_cursor_saved_before_the_first_batch_after_going_on(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20)
        reader.read(most=30)
        before = reader.cursor
        reader.open().close()
        self.assertEqual(before, reader.cursor)
        reader.read()
        self.check_whole(reader)

    def test_later_epochs_are_whole_after_going_on_in_the_first(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20, epochs=3)
        reader.read(most=70)
        reader.read()
        self.assertEqual([30, 100, 100], [x["batches"] for x in reader.epochs])
        for epoch in range(3):
            self.check_whole(reader, epoch)

    def test_going_on_beyond_the_second_epoch(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20, epochs=6)
        reader.read(most=450)
        self.assertIn(",epoch=4,", reader.cursor)
        reader.read()
        for epoch in range(6):
            self.check_whole(reader, epoch)

    def go_on_with(self, before, after):
        first = [self.reader(shuffle={"seed": 1}, batch_size=20, shard={"index": i, "count": before})
                 for i in range(before)]
        for shard in first:
            shard.read(most=10)
        self.assertEqual(1, len({shard.cursor for shard in first}))
        then = [self.reader(batch_size=32, shard={"index": i, "count": after}) for i in range(after)]
        for shard in then:
            shard.cursor = first[0].cursor
            shard.read()
        self.assertEqual(list(range(SAMPLES)), sorted(x for shard in first + then for _, x in shard.taken))

    def test_fewer_ranks_than_saved(self):
        self.go_on_with(4, 3)

    def test_one_rank_saved_and_two_go_on(self):
        self.go_on_with(1, 2)

    def test_broken_off_early_and_gone_on_with(self):
        reader = self.reader(shuffle={"seed": 1}, batch_size=20)
        reader.read(most=1)
        reader.read()
        self.check_whole(reader)

    def test_a_fresh_dispatcher_asks_again_for_a_block_that_came_short(self):
        before = self.reader(shuffle={"seed": 5}, batch_size=10)
        before.open().close()
        server = Program(DATASET_SERVER, "--listen", "127.0.0.1:0", "--short-every", "5", "--data", self.programs.data)
        dispatcher = Program(DISPATCHER, "--upstream", "127.0.0.1:" + server.wait_for(r" port=(\d+)").group(1),
                             "--listen", "127.0.0.1:0", "--sessions", "127.0.0.1:0", "--admin", "none",
                             "--dataset", "numbers", "--cache-mb", "0")
        reader = Reader(int(dispatcher.wait_for(r" sessions=(\d+)").group(1)), start={"cursor": before.cursor}, batch_size=10)
        self.assertEqual("eof", reader.read()["type"])
        self.check_whole(reader)
        dispatcher.stop()
        server.stop()

    def test_another_batch_size_at_each_cursor(self):
        reader = self.reader(shuffle={"seed": 5, "window": 7})
        for size in (1, 700, 13, 64, 30, 3, 200):
            reader.read(most=3, batch_size=size)
        reader.read(batch_size=11)
        self.check_whole(reader)

    # -- what is wrong

    def test_errors_name_the_member_and_both_values(self):
        reader = self.reader(shuffle={"seed": 1})
        reader.read(most=1)
        for hello, code, *parts in (
                ({"batch_size": 0}, "INVALID_ARGUMENT", "batch_size: got 0"),
                ({"columns": ["y"]}, "NOT_FOUND", "'y'", "'x', 'label'"),
                ({"dataset": "none"}, "NOT_FOUND", "none"),
                ({"group": "a", "shard": {"index": 0, "count": 2}}, "INVALID_ARGUMENT", "shard: a group divides"),
                ({"start": {"cursor": "x"}}, "INVALID_ARGUMENT", "start.cursor: this is no cursor"),
                ({"start": {"cursor": reader.cursor}, "dataset": "other"}, "INVALID_ARGUMENT", "'numbers'", "'other'"),
                ({"start": {"cursor": reader.cursor}, "shuffle": {"seed": 2}}, "INVALID_ARGUMENT", "seed is 1", "is 2"),
                ({"ends": "drop", "batch_size": 3000}, "FAILED_PRECONDITION", "3000", "2000"),
                ({"start": {"sample": 2001}}, "OUT_OF_RANGE", "2001", "2000"),
                ({"start": {"curser": reader.cursor}}, "INVALID_ARGUMENT", "start.curser", "cursor, or epoch"),
                ({"start": {"epoch": 3}, "epochs": 2}, "OUT_OF_RANGE", "epochs: got 2", "epoch 3")):
            with self.subTest(hello=hello):
                message = self.error(**hello)
                self.assertEqual(code, message["code"], message)
                for part in parts:
                    self.assertIn(part, message["message"])

    def test_rubbish_is_answered_with_one_error(self):
        for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff\n", b"x" * 100_000, b'{"type":"bye"}\n'):
            with self.subTest(rubbish=rubbish[:20]), socket.create_connection(("127.0.0.1", self.port)) as client:
                client.sendall(rubbish)
                client.settimeout(30)
                (line,) = client.makefile().readlines()
                self.assertEqual("error", json.loads(line)["type"])

    def test_a_client_may_close_its_sending_side(self):
        session = Session(self.port, batch_size=100)
        session.socket.shutdown(socket.SHUT_WR)
        self.assertEqual("eof", list(session)[-1]["type"])
        session.close()

    def test_ping_and_bye(self):
        session = Session(self.port, epochs=0, batch_size=SAMPLES)
        self.assertEqual("welcome", next(session)["type"])
        session.say(type="ping")
        self.assertTrue(any(message["type"] == "pong" for message in session))
        session.say(type="bye")
        self.assertTrue(all(message["type"] in ("batch", "epoch") for message in session))
        session.close()
        self.programs.dispatcher.wait_for(r" session_end .*outcome=left")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
