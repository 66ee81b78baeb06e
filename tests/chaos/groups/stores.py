"""What keeps the groups of a round: PostgreSQL behind a proxy for each dispatcher, a file, or nothing."""

from pathlib import Path

from postgres_standby import PostgresStandby
from private_postgres import PrivatePostgres
from store_proxy import StoreProxy

FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


class PostgresStore:
    """One server."""

    def __init__(self, dispatchers, environment=None):
        self.server = PrivatePostgres(environment)
        self.proxies = [StoreProxy(self.server.port) for _ in range(dispatchers)]

    def address_of(self, dispatcher):
        return f"postgresql://dispatcher@127.0.0.1:{self.proxies[dispatcher].port}/postgres"

    def proxies_of(self, dispatcher):
        return [self.proxies[dispatcher]]

    def query(self, statement):
        return self.server.query(statement)

    def stop(self):
        for each in self.proxies:
            each.close()
        self.server.stop()


class ClockStore(PostgresStore):
    """A server whose clock can be set."""

    def __init__(self, dispatchers, folder):
        self.clock = folder / "clock"
        self.offset = 0.0
        self.set_clock(0.0)
        super().__init__(dispatchers, {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                                       "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})

    def set_clock(self, offset):
        self.offset = offset
        new = self.clock.with_suffix(".new")
        new.write_text(f"{offset:+.3f}\n")
        new.rename(self.clock)


class StandbyStore(PostgresStore):
    """A server, and one that follows it and can take its place."""

    def __init__(self, dispatchers):
        super().__init__(dispatchers)
        self.standby = PostgresStandby(self.server)
        self.others = [StoreProxy(self.standby.port) for _ in range(dispatchers)]
        self.is_promoted = False

    def address_of(self, dispatcher):
        return (f"postgresql://dispatcher@127.0.0.1:{self.proxies[dispatcher].port},"
                f"127.0.0.1:{self.others[dispatcher].port}/postgres")

    def proxies_of(self, dispatcher):
        return [self.proxies[dispatcher], self.others[dispatcher]]

    def kill(self):
        """The proxies refuse connections from then on, as the server's machine does."""
        self.server.kill()
        for each in self.proxies:
            each.close()

    def promote(self):
        self.standby.promote()
        self.is_promoted = True

    def query(self, statement):
        return (self.standby if self.is_promoted else self.server).query(statement)

    def stop(self):
        for each in self.others:
            each.close()
        self.standby.stop()
        super().stop()


class LocalStore:
    """A file, or nothing but the dispatcher's memory."""

    def __init__(self, address):
        self.address = address

    def address_of(self, dispatcher):
        return self.address

    def query(self, statement):
        return None

    def stop(self):
        pass


def store_for(plan, folder):
    """The store of a round that has one of its own."""
    if plan.store == "sqlite":
        return LocalStore(f"sqlite:{folder}/groups.db")
    if plan.store == "none":
        return LocalStore("none")
    if plan.store == "clock":
        return ClockStore(plan.dispatchers, folder)
    return StandbyStore(plan.dispatchers)
