#!/usr/bin/python3
"""What the Python client makes of what a dispatcher says, and of connections that break: a server plays the dispatcher.

data_dispatcher is imported from wherever Python finds it."""

import json
import socket
import threading
import unittest
import zlib

import numpy as np
from data_dispatcher import DispatcherError, ProtocolError, open_session

SAMPLES = 8
WELCOME = {
    "type": "welcome",
    "session": 1,
    "dataset": "numbers",
    "samples": SAMPLES,
    "batches": SAMPLES,
    "epochs": 1,
    "columns": [{"name": "x", "dtype": "int32", "shape": [2]}],
}


class Played:
    """Connections, one after another, each played by the next of some functions. What clients said is in `hellos`."""

    def __init__(self, *plays):
        self.hellos = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self.play_all, args=(plays,), daemon=True)
        self.thread.start()

    def play_all(self, plays):
        for play in plays:
            connection, _ = self.listening.accept()
            with connection:
                self.hellos.append(json.loads(connection.makefile("rb").readline()))
                try:
                    play(Voice(connection, self.hellos[-1]))
                except ConnectionError:
                    pass  # the client has heard enough

    def close(self):
        self.listening.close()


class Voice:
    """What a dispatcher says on one connection."""

    def __init__(self, connection, hello):
        self.connection = connection
        self.start = int(hello["start"]["cursor"]) if "start" in hello else 0

    def send(self, data):
        self.connection.sendall(data)

    def say(self, **message):
        self.send(json.dumps(message).encode() + b"\n")

    def welcome(self, **more):
        self.say(**{**WELCOME, "cursor": str(self.start), **more})

    def batch(self, number, damage=0, **more):
        payload = np.array([number, number + damage], "<i4").tobytes()
        good = np.array([number, number], "<i4").tobytes()
        columns = [{"name": "x", "offset": 0, "bytes": len(payload)}]
        place = {"seq": number - self.start, "epoch": 0, "position": number, "samples": 1, "cursor": str(number + 1)}
        message = {"columns": columns, "payload_bytes": len(payload), "crc32": zlib.crc32(good), **place, **more}
        self.say(type="batch", **message)
        self.send(payload + b"\n")

    def rest(self):
        """All that a healthy dispatcher says from here on."""
        self.welcome()
        for number in range(self.start, SAMPLES):
            self.batch(number)
        self.say(type="epoch", cursor="100")
        self.say(type="eof")


class Reconnecting(unittest.TestCase):
    def open(self, *plays, **wishes):
        played = Played(*plays)
        self.addCleanup(played.close)
        session = open_session(played.address, checksum=True, **wishes)
        self.addCleanup(session.close)
        return played, session

    def goes_on_after(self, play, starts):
        """A session that `play` breaks gives all samples once. `starts` are those of all hellos."""
        with self.assertLogs("data_dispatcher", "WARNING") as said:
            played, session = self.open(play, Voice.rest)
            self.assertEqual([[x, x] for x in range(SAMPLES)], [b["x"][0].tolist() for b in session])
        self.assertEqual(starts, [x.get("start", {}).get("cursor") for x in played.hellos])
        self.assertEqual(1, session.stats().reconnects)
        self.assertEqual("100", session.next_epoch)
        return said.output[0]

    def test_a_connection_that_ends(self):
        def play(voice):
            voice.welcome()
            voice.batch(0)
            voice.batch(1)

        self.assertIn("the connection has ended", self.goes_on_after(play, [None, "2"]))

    def test_a_connection_that_ends_within_a_payload_and_within_a_line(self):
        def within_a_payload(voice):
            voice.welcome()
            voice.batch(0)
            voice.say(type="batch", columns=[], payload_bytes=8, seq=1, epoch=0, position=1, samples=1, cursor="2")
            voice.send(b"1234")

        def within_a_line(voice):
            voice.welcome()
            voice.send(b'{"type":"bat')

        self.goes_on_after(within_a_payload, [None, "1"])
        self.goes_on_after(within_a_line, [None, "0"])

    def test_a_damaged_payload_is_asked_for_again(self):
        def play(voice):
            voice.welcome()
            voice.batch(0)
            voice.batch(1, damage=1)
            voice.batch(2)

        self.assertIn("batch 1 is damaged", self.goes_on_after(play, [None, "1"]))

    def test_a_dispatcher_that_stops(self):
        def play(voice):
            voice.welcome()
            voice.batch(0)
            voice.say(type="drain", cursor="1", message="the dispatcher stops")

        self.assertIn("the dispatcher stops", self.goes_on_after(play, [None, "1"]))

    def test_an_error_that_passes(self):
        def play(voice):
            voice.welcome()
            voice.say(type="error", code="UNAVAILABLE", message="no upstream", cursor="0")

        self.assertIn("no upstream", self.goes_on_after(play, [None, "0"]))

    def test_an_error_that_stays_is_raised(self):
        def play(voice):
            voice.welcome()
            voice.batch(0)
            voice.say(type="error", code="FAILED_PRECONDITION", message="another dataset", cursor="1")

        _, session = self.open(play)
        next(session)
        for _ in range(2):
            with self.assertRaisesRegex(DispatcherError, "another dataset") as raised:
                next(session)
        self.assertEqual(("FAILED_PRECONDITION", "1"), (raised.exception.code, raised.exception.cursor))

    def test_several_addresses(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            gone = f"127.0.0.1:{unused.getsockname()[1]}"
        for as_given in (",".join, list):
            played = Played(Voice.rest)
            self.addCleanup(played.close)
            with open_session(as_given([gone, played.address])) as session:
                self.assertEqual(SAMPLES, len(list(session)))

    def test_a_long_wait_is_said_once(self):
        def play(voice):
            voice.welcome()
            voice.say(**{"type": "wait", "for": "upstream", "seconds": 1, "why": "it is away"})
            voice.say(**{"type": "wait", "for": "upstream", "seconds": 6, "why": "it is away"})
            voice.say(**{"type": "wait", "for": "upstream", "seconds": 11, "why": "it is away"})
            for number in range(SAMPLES):
                voice.batch(number)
            voice.say(type="eof")

        with self.assertLogs("data_dispatcher", "WARNING") as said:
            _, session = self.open(play)
            self.assertEqual(SAMPLES, len(list(session)))
        self.assertEqual(["WARNING:data_dispatcher:waiting for upstream for 6 s: it is away"], said.output)

    def test_what_the_protocol_may_grow_is_ignored(self):
        def play(voice):
            voice.welcome(more=1)
            voice.say(type="news", text="?")
            for number in range(SAMPLES):
                voice.batch(number, mood="good")
            voice.say(type="eof")

        _, session = self.open(play)
        self.assertEqual(SAMPLES, len(list(session)))

    def test_rubbish_is_no_session(self):
        for rubbish in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"[1]\n", b"\xff\xfe\n", b"x" * (2 << 20)):
            _, session = self.open(lambda voice, rubbish=rubbish: voice.send(rubbish))
            with self.assertRaisesRegex(ProtocolError, "line"):
                next(session)

    def test_a_batch_that_is_not_as_described(self):
        def play(voice):
            voice.welcome()
            voice.batch(0, samples=2)

        _, session = self.open(play)
        with self.assertRaisesRegex(ProtocolError, "'x' has 8 bytes, and 2 samples of 'x' take 16"):
            next(session)

    def test_a_dataset_without_a_description_is_refused(self):
        columns = [{"name": "data", "dtype": None, "shape": None}]
        _, session = self.open(lambda voice: voice.welcome(columns=columns, samples=None, batches=None))
        with self.assertRaisesRegex(TypeError, "GetDatasetInfo"):
            next(session)

    def test_a_type_that_numpy_lacks_is_named(self):
        columns = [{"name": "x", "dtype": "float7", "shape": [2]}]
        _, session = self.open(lambda voice: voice.welcome(columns=columns))
        with self.assertRaisesRegex(TypeError, "'x' has the type 'float7'"):
            next(session)


if __name__ == "__main__":
    unittest.main(verbosity=2)
