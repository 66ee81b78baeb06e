"""A member of a group, by docs/protocol.md."""

import threading

from session_client import Session, numbers_in


class Member:
    """A member of a group, which acknowledges each batch when it asks for the next."""

    def __init__(self, port, group, **hello):
        self.has_acks = bool(group or hello.get("name"))
        self.session = Session(port, **({"group": group} if group else {}), **hello)
        self.taken = []  # (epoch, number), in the order in which they came
        self.marked = []  # those of batches that came again
        self.messages = []
        self.held = []  # numbers of batches that are not acknowledged

    def next(self):
        message = next(self.session, None)
        if message:
            self.messages.append(message)
        if message and message["type"] == "batch":
            numbers = [(message["epoch"], x) for x in numbers_in(message)]
            self.taken += numbers
            self.marked += numbers if message.get("redelivered") else []
            self.held.append(message["seq"])
        return message

    def wait_for(self, kind):
        """The next message of this type. What comes before it is not acknowledged."""
        while True:
            message = self.next()
            if message is None or message["type"] == kind:
                return message

    def ack(self):
        if self.held and self.has_acks:
            self.session.say(type="ack", seq=self.held)
            self.held = []

    def read(self, most=-1):
        """Takes and acknowledges so many batches, or all. Returns the last message."""
        while most != 0:
            message = self.next()
            if message is None or message["type"] in ("eof", "error", "drain"):
                return message
            if message["type"] == "batch":
                most -= 1
                self.ack()
        return message

    def close(self):
        self.session.close()


def read_all(members):
    threads = [threading.Thread(target=member.read, daemon=True) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
