"""Runs dispatcher-load."""

import json
import subprocess


class LoadGenerator:
    def __init__(self, options, servers):
        self.program = str(servers.bin / "dispatcher-load")
        self.result_path = servers.logs / "load.json"
        self.log_path = servers.logs / "load.log"
        self.threads = options.load_threads

    def command(self, port, clients, *arguments):
        fixed = ["--connect", f"127.0.0.1:{port}", "--clients", clients, "--threads", self.threads]
        return [self.program, *map(str, fixed), *map(str, arguments)]

    def run(self, port, clients, *arguments, at_most=120):
        """Runs to its end, which comes after `at_most` seconds at the latest; returns its result."""
        self.result_path.unlink(missing_ok=True)
        command = self.command(port, clients, "--json", self.result_path, "--max-seconds", at_most, *arguments)
        with open(self.log_path, "ab") as log:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=at_most + 60)
        if not self.result_path.exists():
            raise SystemExit(f"error: {' '.join(command)} left no result; see {self.log_path}")
        return json.loads(self.result_path.read_text())

    def start(self, port, clients, *arguments):
        """Starts one that goes on beside what is measured; the caller ends it."""
        log = open(self.log_path, "ab")
        with log:
            return subprocess.Popen(
                self.command(port, clients, *arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
