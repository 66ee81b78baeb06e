"""Something that is done in a process of its own."""

from __future__ import annotations

import pickle
import traceback
from typing import Any, Callable, Optional, TypeVar

from .children import Child

Result = TypeVar("Result")

#: Seconds. When the result was read, or reading it was interrupted, the process has so long to end until it is killed.
_ENDS = 1.0


class _Elsewhere(Exception):
    """The traceback of the other process, as the cause of what is raised in this one."""

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


def done_apart(make: Callable[[], Result]) -> Result:
    """What `make` returns, or raises, in a process of its own. It changes nothing in this one: files that it opens and
    threads that it starts are not in the processes that are forked later."""

    def body(pipe: int) -> None:
        with open(pipe, "wb", closefd=False) as out:
            out.write(_outcome(make))

    child = Child("the process that reads sample 0", body)
    child.start()
    content, end = b"", None
    try:
        if child.pipe is not None:
            with open(child.pipe, "rb", closefd=False) as source:
                content = source.read()
    finally:
        end = child.end(_ENDS)
    if not content:
        raise RuntimeError(f"{child.label} {end}")
    result, problem, text = pickle.loads(content)
    if problem is not None:
        raise problem from _Elsewhere(text)
    return result  # type: ignore[no-any-return]


def _outcome(make: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((make(), None, ""))
    except Exception as problem:
        text = traceback.format_exc()
        plain = RuntimeError(f"{type(problem).__name__}: {problem}")
        return _pickled(problem, text) or pickle.dumps((None, plain, text))


def _pickled(problem: Exception, text: str) -> Optional[bytes]:
    """`None`: the exception cannot be pickled."""
    try:
        content = pickle.dumps((None, problem, text))
        pickle.loads(content)
    except Exception:
        return None
    return content
