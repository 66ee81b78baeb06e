"""What can go wrong."""

from __future__ import annotations

from typing import Optional


class DispatcherError(RuntimeError):
    """The dispatcher has refused or ended a session, and another try would not help.

    Attributes:
        code: one of gRPC's names, such as ``"INVALID_ARGUMENT"``.
        cursor: where another session goes on; ``None`` where none had begun.
    """

    def __init__(self, code: str, message: str, cursor: Optional[str] = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.cursor = cursor


class ProtocolError(RuntimeError):
    """What came is no session: the address may be that of another port or another server."""


class SessionClosed(RuntimeError):
    """The session is closed. Another thread may have closed it while this one waited for a batch."""
