#!/usr/bin/env python3
"""Set Buoy up and start it. The machine needs Python 3.11 or newer and nothing else.

  python3 go.py run                    calculate the example programme and say what was earned
  python3 go.py test                   every check and every quick test
  python3 go.py test --long            … and the long proofs (Apache Spark: a large download, and Java 17)
  python3 go.py test -- -k rounding    words after -- go to pytest
  python3 go.py plan check my.yaml     any other word goes to the `buoy` command line

The first start makes the folder .venv beside this file and installs into it exactly what requirements/*.txt
list, each file checked against its hash. Later starts find that done and begin at once.
"""
# Only the standard library, and only syntax that an old Python can read: an old one must come as far as
# looking for a newer one.
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none.
    fcntl = None

OLDEST = (3, 11)
CANDIDATES = ("python3.14", "python3.13", "python3.12", "python3.11")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MADE_WITH = VENV / ".made-with"  # The interpreter behind the environment; written when it is complete.
INSTALLING = VENV / ".installing"  # There while packages are written; found at a start, it means an interruption.

CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("import-linter", ["importlinter.cli", "--no-logo"]),
)


def main():
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    use_a_new_enough_python()
    if words[0] == "test":
        return test(words[1:])
    prepare("app")
    return become([str(PYTHON), "-m", "buoy"] + words)


def test(words):
    """Run the checks, then the tests; stop at the first that fails and say which it was."""
    ours, theirs = split_at_dashes(words)
    unknown = [word for word in ours if word != "--long"]
    if unknown:
        stop("test does not know {}. Words for pytest come after --, as in: test -- -k rounding".format(unknown[0]))
    wants_long = "--long" in ours
    prepare("app", "dev", *(["spark"] if wants_long else []))
    for name, command in CHECKS:
        say(name)
        code = subprocess.call([str(PYTHON), "-m"] + command, cwd=str(ROOT), env=environment())
        if code:
            stop("{} failed; what came after it was not run.".format(name))
    say("pytest")
    everything = ["-m", ""] if wants_long else []
    return subprocess.call([str(PYTHON), "-m", "pytest"] + everything + theirs, cwd=str(ROOT), env=environment())


def split_at_dashes(words):
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


# --- The environment -----------------------------------------------------------------------------------------


def prepare(*names):
    """Bring .venv to what requirements/NAME.txt say, doing nothing when it is there already."""
    if is_whole() and all(is_installed(name) for name in names):
        return
    with one_at_a_time():
        if not is_whole():
            make_venv()
        for name in names:
            if not is_installed(name):
                install(name)


@contextlib.contextmanager
def one_at_a_time():
    """Let a second start wait while a first one installs, so that they do not write over each other."""
    with open(str(ROOT / ".venv.lock"), "w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_whole():
    """False when there is no environment, when it was left half-made, or when its interpreter has changed."""
    if not PYTHON.exists() or not MADE_WITH.exists() or INSTALLING.exists():
        return False
    return MADE_WITH.read_text() == os.path.realpath(str(PYTHON))


def make_venv():
    say("making .venv with Python {}.{}".format(*sys.version_info[:2]))
    if VENV.exists():
        shutil.rmtree(str(VENV))
    uv = shutil.which("uv")
    if uv:
        call([uv, "venv", "-q", "--seed", "-p", sys.executable, str(VENV)])
    else:
        ensure_venv_module()
        call([sys.executable, "-m", "venv", str(VENV)])
    MADE_WITH.write_text(os.path.realpath(str(PYTHON)))


def ensure_venv_module():
    """Debian and Ubuntu keep a part of venv in a package of its own: install it, or say how."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not shutil.which("apt-get"):
            stop("this Python came without its venv module. Install it, or uv, then run this again.")
        if os.geteuid() != 0:
            stop("this Python came without its venv module. Run this, then run me again:  sudo apt install " + package)
        say("installing {}, which this Python came without".format(package))
        call(["apt-get", "update", "-qq"])
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        call(["apt-get", "install", "-y", "-qq", package], env=quiet, stdout=subprocess.DEVNULL)


def is_installed(name):
    stamp = VENV / (".installed-" + name)
    return stamp.exists() and stamp.read_text() == digest(name)


def digest(name):
    return hashlib.sha256(requirements(name).read_bytes()).hexdigest()


def requirements(name):
    return ROOT / "requirements" / (name + ".txt")


def install(name):
    """Install one locked list: every file by its hash, and nothing that the list does not name."""
    say("installing requirements/{}.txt".format(name))
    INSTALLING.touch()
    uv = shutil.which("uv")
    # Two -q hide pip's warnings about the user's own settings; errors still show.
    tool = [uv, "pip", "install", "-q", "-p", str(PYTHON)] if uv else [str(PYTHON), "-m", "pip", "install", "-qq"]
    # Wheels only, so that no setup code of a package runs and no compiler is needed. Spark is published as
    # source; it is built by the setuptools of dev.txt, not by one fetched for the occasion.
    wheels = ["--no-build-isolation"] if name == "spark" else ["--only-binary", ":all:"]
    call(tool + ["--no-deps", "--require-hashes"] + wheels + ["-r", str(requirements(name))])
    (VENV / (".installed-" + name)).write_text(digest(name))
    INSTALLING.unlink()


# --- Small things --------------------------------------------------------------------------------------------


def use_a_new_enough_python():
    """Start again under a newer Python when the one that started this file is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in CANDIDATES:
        path = shutil.which(name)
        # A name on the path may be a stub that only says how to install the real thing: try it.
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            become([path, os.path.abspath(__file__)] + sys.argv[1:])
    stop("Buoy needs Python {}.{} or newer, and this is {}.{}.".format(*(OLDEST + tuple(sys.version_info[:2]))))


def environment():
    """Our source comes first on the path of every process that we start, and of those that they start."""
    path = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, path)))


def become(command):
    """Hand this process over, so that Ctrl-C and the exit code are the command's own."""
    sys.stdout.flush()
    if os.name == "nt":  # There, exec returns to the shell before the command has ended.
        sys.exit(subprocess.call(command, env=environment()))
    os.execve(command[0], command, environment())


def call(command, **options):
    code = subprocess.call(command, **options)
    if code:
        stop("this failed (exit code {}):  {}".format(code, " ".join(command)))


def say(message):
    print("go.py: " + message, flush=True)


def stop(message):
    sys.exit("go.py: " + message)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
