"""A PostgreSQL server that follows another one, and takes its place when it is promoted."""

import time

from private_postgres import PrivatePostgres


class PostgresStandby(PrivatePostgres):
    """While it is there, what waits for the disk at its primary waits for this server as well."""

    def __init__(self, primary):
        self.primary = primary
        super().__init__()
        primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.query("SELECT pg_reload_conf()")
        self.wait_for(primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")

    def make_data(self):
        self.run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d",
                 self.primary.address)

    def promote(self):
        """Takes writes from now on, and waits for no other server: its data is older than that setting."""
        self.run("pg_ctl", "promote", "-D", self.data, "-w")

    @staticmethod
    def wait_for(server, question, answer, seconds=30):
        deadline = time.monotonic() + seconds
        while server.query(question) != answer:
            if time.monotonic() > deadline:
                raise AssertionError(f"{question}: got {server.query(question)} for {seconds} s")
            time.sleep(0.05)
