"""Which servers are measured, which dataset services are behind them, and how each is started."""

import itertools
import re
import shlex
import signal
import socket
import sys
import time
from pathlib import Path

from server_process import ServerProcess

BATCH_SIZE = 30
MNIST_BATCHES = 334

FLOOR = "floor"
DISPATCHER = "dispatcher"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Servers:
    """Starts servers, each with a log file of its own."""

    def __init__(self, options):
        self.bin = Path(options.bin)
        self.dispatcher = options.dispatcher or self.bin / "dispatcher"
        self.generated = options.generated
        self.dispatcher_arguments = shlex.split(options.dispatcher_arguments)
        self.also = dict(options.also)
        self.logs = Path(options.out) / "logs"
        self.numbers = itertools.count(1)

    def contenders(self):
        return [DISPATCHER, FLOOR, *self.also]

    def behind_upstream(self):
        """Those that have a dataset service behind them."""
        return [DISPATCHER, *self.also]

    def start(self, contender, upstream):
        """Starts a server that consumers connect to; it is ready when this returns."""
        if contender == FLOOR:
            return self.start_floor()
        if contender == DISPATCHER:
            return self.start_dispatcher(upstream)
        return self.start_other(contender, upstream)

    def start_floor(self):
        server = self._launch(FLOOR, [self.bin / "floor-server", "--batch-size", BATCH_SIZE])
        server.port = self._said_port(server)
        return server

    def start_dispatcher(self, upstream, admin="none"):
        command = [self.dispatcher, "--listen", "127.0.0.1:0", "--batch-size", BATCH_SIZE]
        command += ["--upstream", f"127.0.0.1:{upstream.port}", *self.dispatcher_arguments]
        # By the environment, for older dispatchers do not know the option; one that is asked for wins over it.
        server = self._launch(DISPATCHER, command, DISPATCHER_ADMIN=admin)
        server.port = self._said_port(server)
        if admin != "none":
            server.admin_port = int(server.wait_for(r" serving .*?admin=(\d+)")[1])
        server.wait_for(r" upstream_up ")
        return server

    def start_other(self, name, upstream):
        port = free_port()
        command = self.also[name].replace("{upstream}", f"127.0.0.1:{upstream.port}").replace("{port}", str(port))
        server = self._launch(name, ["/bin/sh", "-c", "exec " + command])
        server.wait_until_listening(port)
        # Nothing says when its connections to the dataset service stand.
        time.sleep(0.5)
        return server

    def start_upstream(self, *arguments):
        server = self._launch("upstream", [self.bin / "dataset-server", "--listen", "127.0.0.1:0", *arguments])
        server.port = self._said_port(server)
        return server

    def start_python_upstream(self):
        script = Path(__file__).parent.parent / "python_upstream.py"
        server = self._launch("python-upstream", [sys.executable, "-B", script, "--generated", self.generated])
        server.port = self._said_port(server)
        return server

    def _launch(self, name, command, **environment):
        log = self.logs / f"{next(self.numbers):04}-{name}.log"
        try:
            return ServerProcess(name, [str(part) for part in command], log, environment)
        except OSError as problem:
            raise SystemExit(f"error: cannot start {command[0]}: {problem}") from problem

    @staticmethod
    def _said_port(server):
        return int(server.wait_for(r"serving .*?port=(\d+)|serving port=(\d+)").group(0).rpartition("port=")[2])


def calls_so_far(contender, server):
    """How many calls the dispatcher has made to its dataset service; None for servers that do not say."""
    if contender != DISPATCHER:
        return None
    seen = len(server.log())
    server.process.send_signal(signal.SIGUSR1)
    said = server.wait_for(r" upstream_counts .*$", after=seen).group(0)
    return int(re.search(r"\bcalls=(\d+)", said)[1])


def calls_answered(upstream_log):
    """How many calls for batches a dataset service says that it has had, in the log that it leaves."""
    said = re.search(r"stopped get_batch=(\d+) stream_batches=(\d+)", upstream_log)
    return int(said[1]) + int(said[2]) if said else None
