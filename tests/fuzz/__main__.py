"""``python -m tests.fuzz PARSER --seconds N``: one parser with inputs that coverage guides (atheris, ``pip install``).

Without a name the parsers are listed. What breaks one is written to the working folder by libFuzzer as ``crash-…``; run
``python -m tests.fuzz PARSER --again FILE`` to see it once more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

LARGEST = 20_000
INPUT_SECONDS = 20
MEGABYTES = 2048


def main() -> int:
    """The exit code: 0 when nothing broke."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("parser", nargs="?", help="which; none = list them, all = one after the other")
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--again", type=Path, help="a file of bytes to give it once")
    asked = arguments.parse_args()
    if asked.parser is None:
        from tests.fuzz.parsers import PARSERS

        print("\n".join(PARSERS))
        return 0
    if asked.parser == "all":
        return _all(asked.seconds)
    return _one(asked.parser, asked.seconds, asked.again)


def _all(seconds: int) -> int:
    from tests.fuzz.parsers import PARSERS

    broken = [
        name
        for name in PARSERS
        if subprocess.run([sys.executable, "-m", "tests.fuzz", name, "--seconds", str(seconds)]).returncode
    ]
    print(f"{len(PARSERS) - len(broken)} of {len(PARSERS)} parsers stood", *broken)
    return 1 if broken else 0


def _one(name: str, seconds: int, again: Path | None) -> int:
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: pip install atheris (Python 3.11 to 3.13, Linux)")
        return 2
    with atheris.instrument_imports(include=["drivers", "kiosk"]):
        from tests.fuzz.parsers import PARSERS, SEEDS
    parser = PARSERS[name]
    if again is not None:
        parser(again.read_bytes())
        return 0
    with tempfile.TemporaryDirectory(prefix="doorstep-fuzz-") as folder:
        for number, seed in enumerate(SEEDS[name]):
            (Path(folder) / str(number)).write_bytes(seed)
        options = {
            "max_total_time": seconds,
            "max_len": LARGEST,
            "timeout": INPUT_SECONDS,
            "rss_limit_mb": MEGABYTES,
            "print_final_stats": 1,
            "verbosity": 0,
        }
        atheris.Setup([name, folder, *(f"-{key}={value}" for key, value in options.items())], parser)
        atheris.Fuzz()  # ends the process itself, with the result as its exit code
    return 0


if __name__ == "__main__":
    sys.exit(main())
