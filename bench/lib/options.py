"""The command line of bench/run."""

import argparse
import re

from session_case import IN_ORDER, ONE_SEED, SEED_EACH

CASES = ["cold", "warm", "latency", "python", "stalled", "short-passes", "session", "client", "inspected"]
#: What has to be asked for: it takes long, or needs servers that are not the project's.
OTHER_CASES = ["groups", "upstreams", "peers"]


def also(text):
    found = re.fullmatch(r"([\w.-]+)=(.*\{port\}.*)", text)
    if not found or found[1] in ("dispatcher", "floor"):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=COMMAND with {{port}} in COMMAND and a name of its own")
    return found[1], found[2]


def cases(text):
    chosen = text.split(",")
    unknown = [name for name in chosen if name not in CASES + OTHER_CASES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown case '{unknown[0]}': there are {', '.join(CASES + OTHER_CASES)}")
    return chosen


def numbers(text):
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = [0]
    if min(found) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers above 0")
    return found


def positive(text):
    return numbers(text)[0]


def make_parser():
    parser = argparse.ArgumentParser(
        prog="bench/run",
        # The script that builds looks for whole names.
        allow_abbrev=False,
        description="Measures the dispatcher beside the floor server and prints tables.",
        epilog="A COMMAND of --also is run by a shell that becomes it; it serves the client protocol at {port} and has its"
        " batches from {upstream}, an address.",
    )
    add_choices(parser)
    add_amounts(parser)
    add_places(parser)
    return parser


def add_choices(parser):
    parser.add_argument("--quick", action="store_true", help="a small part, in less than a minute")
    known = f"of {', '.join(CASES)} [all of these]; and {', '.join(OTHER_CASES)}"
    parser.add_argument("--cases", type=cases, default=CASES, metavar="A,B", help=known)
    parser.add_argument(
        "--also", type=also, action="append", default=[], metavar="NAME=COMMAND", help="another server in the same run"
    )
    parser.add_argument(
        "--dispatcher-arguments", default="", metavar="TEXT", help="more options for the dispatcher, in one argument"
    )
    parser.add_argument(
        "--torch", action="store_true", help="upstreams: also a dataset service with torch, which is installed"
    )
    parser.add_argument("--update-docs", action="store_true", help="write tables and plot into docs/ as well")


def add_amounts(parser):
    parser.add_argument("--clients", type=numbers, metavar="N,N", help="numbers of clients [1,8,64,256,1024]")
    parser.add_argument("--repeats", type=positive, metavar="R", help="measurements of each; medians are shown [3]")
    parser.add_argument("--stalled", type=positive, metavar="N", help="clients that never read, of that case [2000]")
    parser.add_argument("--seconds", type=float, metavar="S", help="the most that one warm measurement takes [3]")
    parser.add_argument("--cold-seconds", type=float, metavar="S", help="the same of a cold one [6]")
    parser.add_argument("--load-threads", type=positive, default=1, metavar="N", help="of dispatcher-load [1]")


def add_places(parser):
    parser.add_argument("--dispatcher", metavar="FILE", help="the dispatcher to measure [build/bench/dispatcher]")
    parser.add_argument("--bin", help=argparse.SUPPRESS)
    parser.add_argument("--generated", help=argparse.SUPPRESS)
    parser.add_argument("--out", default=None, metavar="FOLDER", help="where results go [build/bench]")


def session_rows(in_order):
    """Orders and numbers of sessions."""
    shuffled = [(ONE_SEED, 1), (ONE_SEED, 64), (SEED_EACH, 64)]
    return [(IN_ORDER, clients) for clients in in_order] + shuffled


def parse(project):
    options = make_parser().parse_args()
    quick = options.quick
    options.clients = options.clients or ([1, 64] if quick else [1, 8, 64, 256, 1024])
    options.repeats = options.repeats or (1 if quick else 3)
    options.seconds = options.seconds or (1.0 if quick else 3.0)
    options.cold_seconds = options.cold_seconds or (2.0 if quick else 6.0)
    options.stalled = options.stalled or (200 if quick else 2000)
    options.short_passes = 200 if quick else 1000
    options.session_rows = session_rows([1, 64] if quick else [1, 8, 64, 256])
    options.first_frames = 50 if quick else 200
    options.dead_members = 10 if quick else 100
    options.dead_dispatchers = 1 if quick else 5
    options.restarts = 3 if quick else 30
    options.python_clients = [1, 8] if quick else [1, 8, 64]
    options.out = options.out or str(project / "build" / "bench")
    return options
