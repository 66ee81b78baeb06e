"""Where the groups that are measured are kept. Each store is made for one measurement, and thrown away behind it."""

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "tests" / "support"))
from private_postgres import PrivatePostgres, programs  # noqa: E402

MEMORY = "memory"
SQLITE = "SQLite"
POSTGRES = "PostgreSQL"

TABLES = ("dispatch_groups", "dispatch_leases", "dispatch_parked")


class MemoryStore:
    """A dispatcher without a store."""

    option = "none"

    def work(self):
        return {}


class SqliteStore:
    def __init__(self, folder):
        self.file = Path(folder) / "groups.db"
        self.option = f"sqlite:{self.file}"

    def work(self):
        return {}

    def bytes(self):
        """Of the file and of its log."""
        return sum(x.stat().st_size for x in self.file.parent.iterdir() if not x.name.endswith("-shm"))


class PostgresStore:
    def __init__(self, server):
        self.server = server
        self.option = server.address

    def work(self):
        """What the server has done so far. A transaction that changes or locks a row takes a number, and each one on a
        group locks its row; the server's own counters are up to ten seconds late."""
        said = self.server.query(
            "SELECT txid_snapshot_xmax(txid_current_snapshot()), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
        )
        transactions, wal = said.split("|")
        return {"transactions": int(transactions), "wal_bytes": int(wal)}

    def bytes(self):
        """Of all tables of groups, with their indexes."""
        return int(self.server.query("SELECT " + " + ".join(f"pg_total_relation_size('{x}')" for x in TABLES)))

    def rows(self):
        """By table."""
        return {table: int(self.server.query(f"SELECT count(*) FROM {table}")) for table in TABLES}


def available(bench):
    """The names of the stores that there are on this machine."""
    if programs():
        return [MEMORY, SQLITE, POSTGRES]
    bench.say("groups: there is no PostgreSQL server, so no row with one is measured")
    return [MEMORY, SQLITE]


@contextmanager
def open_store(name):
    if name == MEMORY:
        yield MemoryStore()
    elif name == SQLITE:
        with tempfile.TemporaryDirectory() as folder:
            yield SqliteStore(folder)
    else:
        server = PrivatePostgres(has_fsync=True)
        try:
            yield PostgresStore(server)
        finally:
            server.stop()
