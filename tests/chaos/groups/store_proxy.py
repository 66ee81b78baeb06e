"""A TCP proxy between one dispatcher and its PostgreSQL server, which cuts, stalls and delays."""

import select
import socket
import struct
import threading
import time

from postgres_messages import ClientMessages

COMMIT_FAULTS = ("commit_cut_before", "commit_cut_after", "commit_delay_before", "commit_delay_after")


def reset(connection):
    """Closes with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class CommitFault:
    """What is done to the next COMMIT."""

    def __init__(self, kind, seconds):
        self.kind = kind
        self.seconds = seconds
        self.hit_at = None
        self.is_hit = threading.Event()

    def hit(self):
        self.hit_at = time.monotonic()
        self.is_hit.set()


class StoreProxy:
    """Listens on a port of the kernel's choice."""

    def __init__(self, port_of_server):
        self.port_of_server = port_of_server
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.connections = set()
        self.is_open = threading.Event()
        self.is_open.set()
        self.fault = None
        #: How long everything is under way, in seconds.
        self.latency = 0.0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            ProxiedConnection(self, client).start()

    def cut(self):
        """Resets all connections that there are."""
        with self.lock:
            connections = list(self.connections)
        for each in connections:
            each.cut()
        return len(connections)

    def stall(self):
        self.is_open.clear()

    def go_on(self):
        self.is_open.set()

    def arm(self, fault):
        """Does something to the next COMMIT."""
        with self.lock:
            self.fault = fault

    def disarm(self):
        self.arm(None)

    def take_fault(self):
        with self.lock:
            fault, self.fault = self.fault, None
        return fault

    def close(self):
        """May be called again."""
        try:
            # Closing alone does not wake who accepts.
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.go_on()
        self.cut()


class ProxiedConnection(threading.Thread):
    """One connection of a dispatcher's, and one to the server."""

    def __init__(self, proxy, client):
        super().__init__(daemon=True)
        self.proxy = proxy
        self.client = client
        self.server = None
        self.messages = ClientMessages()
        self.answer_fault = None
        self.is_cut = threading.Event()
        self.waker, self.wakes = socket.socketpair()

    def cut(self):
        self.is_cut.set()
        try:
            self.wakes.send(b"x")
        except OSError:
            pass  # it has ended meanwhile

    def run(self):
        with self.proxy.lock:
            self.proxy.connections.add(self)
        try:
            self.server = socket.create_connection(("127.0.0.1", self.proxy.port_of_server), timeout=5)
            self.server.settimeout(30)
            self.client.settimeout(30)
            for each in (self.client, self.server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pump()
        except OSError:
            pass
        with self.proxy.lock:
            self.proxy.connections.discard(self)
        for each in (self.client, self.server):
            if each is not None:
                reset(each)
        self.waker.close()
        self.wakes.close()

    def pump(self):
        while not self.is_cut.is_set():
            ready, _, _ = select.select([self.client, self.server, self.waker], [], [])
            for source in ready:
                if source is self.waker:
                    return
                data = source.recv(1 << 16)
                self.is_cut.wait(self.proxy.latency)
                self.wait_while_stalled()
                if not data or self.is_cut.is_set():
                    return
                if source is self.client:
                    self.to_server(data)
                else:
                    self.to_client(data)

    def wait_while_stalled(self):
        while not self.proxy.is_open.wait(0.1) and not self.is_cut.is_set():
            pass

    def to_server(self, data):
        for message in self.messages.feed(data):
            if message.is_commit and (fault := self.proxy.take_fault()):
                fault.hit()
                if fault.kind == "commit_cut_before":
                    self.is_cut.set()
                    return
                if fault.kind == "commit_delay_before":
                    self.is_cut.wait(fault.seconds)
                else:
                    self.answer_fault = fault
            self.server.sendall(message.data)

    def to_client(self, data):
        # Nothing else is under way: what comes is the answer to the COMMIT.
        fault, self.answer_fault = self.answer_fault, None
        if fault is not None and fault.kind == "commit_cut_after":
            self.is_cut.set()
            return
        if fault is not None:
            self.is_cut.wait(fault.seconds)
        self.client.sendall(data)
