"""Runs the benchmarks: ``python -m tests.benchmarks [NAME…] [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run those named, or all, and print what each measured."""
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="NAME", help=", ".join(names))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    for name in options.names or names:
        results[name] = importlib.import_module(f"tests.benchmarks.bench_{name}").run()
        if not options.json:
            for key, value in results[name].items():
                print(f"{name:9s} {key}: {value}", flush=True)
    if options.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
