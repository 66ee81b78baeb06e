"""The programs that tests of sessions run."""

import re
import tempfile

from running import Program
from session_client import write_numbers


class NumbersService:
    """A dataset server with `numbers`, as `write_numbers` makes them, and a dispatcher with a port for sessions."""

    def __init__(self, dispatcher, dataset_server, samples, more_data, *options):
        """`more_data` is a second dataset. `options` are more options of the dispatcher, which has no admin endpoint
        without one of them."""
        self.folder = tempfile.TemporaryDirectory()
        write_numbers(self.folder.name + "/numbers.npz", samples)
        self.data = f"numbers={self.folder.name}/numbers.npz"
        self.server = Program(dataset_server, "--listen", "127.0.0.1:0", "--data", self.data, "--data", more_data)
        upstream = "127.0.0.1:" + self.server.wait_for(r" port=(\d+)").group(1)
        self.command = [dispatcher, "--upstream", upstream, "--listen", "127.0.0.1:0", "--dataset", "numbers"]
        self.command += options
        if "--admin" not in options:
            self.command += ["--admin", "none"]
        self.port = 0
        self.start_dispatcher()

    def start_dispatcher(self):
        """Starts it, at the same port for sessions as before."""
        self.dispatcher = Program(*self.command, "--sessions", f"127.0.0.1:{self.port}")
        serving = self.dispatcher.wait_for(r" serving .*").group()
        said = {name: int(port) for name, port in re.findall(r"(port|sessions|admin)=(\d+)", serving)}
        self.classic_port, self.port, self.admin = said["port"], said["sessions"], said["admin"]

    def stop(self):
        self.dispatcher.stop()
        self.server.stop()
        self.folder.cleanup()
