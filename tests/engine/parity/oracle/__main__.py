"""`python -m tests.engine.parity.oracle DIR …`: run case files, print failures, end with `N passed, N failed`."""

import sys
import traceback
from pathlib import Path

from .case_runner import run_file


def main(arguments: list[str]) -> int:
    """0 when everything passed, 1 when something failed, 2 when nothing was asked."""
    verbose = "-v" in arguments
    folders = [Path(argument) for argument in arguments if not argument.startswith("-")]
    if not folders:
        sys.stderr.write("usage: python -m tests.engine.parity.oracle DIR_OR_FILE … [-v]\n")
        return 2
    passed = failed = 0
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else [folder]:
            problems = _problems(path, verbose)
            passed, failed = passed + (not problems), failed + bool(problems)
            for problem in problems:
                sys.stdout.write(f"{path.stem}: {problem}\n")
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


def _problems(path: Path, verbose: bool) -> list[str]:
    try:
        return [str(failure) for failure in run_file(path)]
    except Exception as error:  # noqa: BLE001 a case that cannot be run is a failed case
        if verbose:
            traceback.print_exc()
        return [str(error)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
