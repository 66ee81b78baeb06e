"""Which servers are measured, which dataset services are behind them, and how each is started."""

import itertools
import re
import shlex
import signal
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from server_process import ServerProcess

BATCH_SIZE = 30
MNIST_BATCHES = 334

# Of a session that is measured: connections are few, and each of them comes to its end.
SESSION_EPOCHS = 100

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

    def launch(self, name, command, **environment):
        """Starts a command as a server. The caller waits until it is ready."""
        log = self.logs / f"{next(self.numbers):04}-{name}.log"
        try:
            return ServerProcess(name, [str(part) for part in command], log, environment)
        except OSError as problem:
            raise SystemExit(f"error: cannot start {command[0]}: {problem}") from problem

    def start_floor(self, *arguments, batch_size=BATCH_SIZE):
        server = self.launch(FLOOR, [self.bin / "floor-server", "--batch-size", batch_size, *arguments])
        server.port = self._said_port(server)
        return server

    @contextmanager
    def start_for_sessions(self, contender, *arguments, epochs=SESSION_EPOCHS, batch_size=BATCH_SIZE, data=()):
        """A server whose port is that of sessions, and the dataset service that it needs.

        `arguments` are for the dispatcher, `epochs` for the floor, `data` for the dataset service."""
        if contender == FLOOR:
            with self.start_floor("--session", "--epochs", epochs, batch_size=batch_size) as server:
                yield server
            return
        with self.start_upstream(*data) as upstream:
            more = {"batch_size": batch_size, "sessions": "127.0.0.1:0"}
            with self.start_dispatcher(upstream, "none", *arguments, **more) as server:
                server.port = session_port(server)
                yield server

    def start_dispatcher(self, upstreams, admin="none", *arguments, **more):
        """`upstreams` is one or a list; `more` is as for `launch_dispatcher`."""
        server = self.launch_dispatcher(upstreams, admin, *arguments, **more)
        server.port = self._said_port(server)
        if admin != "none":
            server.admin_port = int(server.wait_for(r" serving .*?admin=(\d+)")[1])
        server.wait_for(r" upstream_up ")
        return server

    def launch_dispatcher(self, upstreams, admin, *arguments, batch_size=BATCH_SIZE, sessions="none"):
        """One that may not be ready yet."""
        addresses = [f"127.0.0.1:{each.port}" for each in (upstreams if isinstance(upstreams, list) else [upstreams])]
        command = [self.dispatcher, "--listen", "127.0.0.1:0", "--batch-size", batch_size]
        command += ["--upstream", ",".join(addresses), *arguments, *self.dispatcher_arguments]
        # By the environment, for older dispatchers do not know these options; one that is asked for wins over it.
        options = {"DISPATCHER_ADMIN": admin, "DISPATCHER_SESSIONS": sessions, "DISPATCHER_PREFETCH": "off"}
        return self.launch(DISPATCHER, command, **options)

    def start_other(self, name, upstream):
        port = free_port()
        command = self.also[name].replace("{upstream}", f"127.0.0.1:{upstream.port}").replace("{port}", str(port))
        server = self.launch(name, ["/bin/sh", "-c", "exec " + command])
        server.wait_until_listening(port)
        # Nothing says when its connections to the dataset service stand.
        time.sleep(0.5)
        return server

    def start_upstream(self, *arguments):
        server = self.launch("upstream", [self.bin / "dataset-server", "--listen", "127.0.0.1:0", *arguments])
        server.port = self._said_port(server)
        return server

    def start_python_upstream(self, *arguments):
        script = Path(__file__).parent.parent / "python_upstream.py"
        return self.start_script("python-upstream", script, "--generated", self.generated, *arguments)

    def start_script(self, name, script, *arguments, **environment):
        """A dataset service in Python that says its port."""
        server = self.launch(name, [sys.executable, "-B", script, *arguments], **environment)
        server.port = self._said_port(server)
        return server

    @staticmethod
    def _said_port(server):
        return int(server.wait_for(r"serving .*?port=(\d+)|serving port=(\d+)").group(0).rpartition("port=")[2])


def session_port(dispatcher):
    """The port of sessions, which a dispatcher says when it is ready."""
    return int(dispatcher.wait_for(r" serving .*?sessions=(\d+)")[1])


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
