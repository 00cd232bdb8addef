"""What the Python peers share: arguments, the vectors, processor time, rows of the bench's shape."""

import argparse
import json
import statistics
import sys
import time


def arguments():
    """--vectors FILE (members x length values, unsigned 32 bits, little-endian) --length L --members M --runs R"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vectors", required=True)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--members", type=int, required=True)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def vectors(args):
    """One numpy array of int64 a member."""
    import numpy

    values = numpy.fromfile(args.vectors, dtype="<u4", count=args.length * args.members)
    return list(values.astype(numpy.int64).reshape(args.members, args.length))


def skip(name, why):
    """Ends the script: it cannot run here, and that is no failure."""
    print(json.dumps({"rows": [], "skipped": [{"name": name, "why": why}]}))
    sys.exit(0)


def finish(rows):
    print(json.dumps({"rows": rows, "skipped": []}))


class Samples:
    """Processor time of the whole process, all threads, in milliseconds, by name; a first run does not count."""

    def __init__(self):
        self.by_name = {}

    def time(self, name, work):
        started = time.process_time_ns()
        outcome = work()
        spent = (time.process_time_ns() - started) / 1e6
        self.by_name.setdefault(name, []).append(spent)
        return outcome

    def row(self, name, note):
        return row(name, "ms", self.by_name[name][1:] or self.by_name[name], note)


def row(name, unit, samples, note):
    return {
        "name": name,
        "unit": unit,
        "median": significant(statistics.median(samples)),
        "min": significant(min(samples)),
        "max": significant(max(samples)),
        "runs": len(samples),
        "note": note,
    }


def significant(value):
    return float(f"{value:.5g}")
