#!/usr/bin/env python3
"""Runs the example in Python of docs/protocol.md against a dispatcher: protocol_examples.py DISPATCHER DOCUMENT."""

import re
import subprocess
import sys

TIMEOUT = 60


def example(document):
    """The one block of Python in the document."""
    with open(document, encoding="utf-8") as file:
        (block,) = re.findall(r"^```python\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    return block


def port_of(dispatcher):
    """Where it serves, by its log."""
    for line in dispatcher.stderr:
        if found := re.search(r" serving port=(\d+)", line):
            return found.group(1)
    raise SystemExit("the dispatcher does not serve")


def main(program, document):
    arguments = [program, "--embedded", "--listen", "127.0.0.1:0", "--admin", "none", "--log-level", "info"]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as dispatcher:
        try:
            code = example(document).replace("8080", port_of(dispatcher))
            lines = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, timeout=TIMEOUT,
                                   check=True).stdout.splitlines()
        finally:
            dispatcher.kill()
    sizes = [30 * 28 * 28 * 4] * 333 + [10 * 28 * 28 * 4]
    expected = [f"{index} {size}" for index, size in enumerate(sizes)]
    if lines != expected:
        raise SystemExit(f"got {len(lines)} lines: {lines[:2]} ... {lines[-2:]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
