#!/usr/bin/env python3
"""Set Buoy up and start it. The machine needs Python 3.11 or newer and nothing else.

  python3 go.py run                    start Buoy with a demo programme, and say where it is and who can sign in
  python3 go.py run --empty            start it without the demo, for data of your own
  python3 go.py example                calculate the example plan on three years of sales
  python3 go.py test                   every check and every quick test
  python3 go.py test --long            adds the long proofs (Apache Spark: a large download, and Java 17)
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

OLDEST = (3, 11)
CANDIDATES = ("python3.14", "python3.13", "python3.12", "python3.11")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
ASSETS = ROOT / "src" / "buoy" / "ui" / "assets"
BUILT_ASSETS = ROOT / "src" / "buoy" / "ui" / "static" / "buoy"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MADE_WITH = VENV / ".made-with"  # Names the interpreter behind the environment; written when that is complete.
INSTALLING = VENV / ".installing"  # Stands while packages are written; found at a start, it tells of a break.

CHECKS = (
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("mypy", ["-m", "mypy"]),
    # Its command has no module to start with -m, and the script in bin/ breaks when the folder is moved.
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command as go; go(['--no-logo'])"]),
)


def main():
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    use_a_new_enough_python()
    if words[0] == "test":
        return test(words[1:])
    if words[0] == "run":
        words = serve_words(words[1:])
    prepare("app")
    if words[0] == "serve":
        make_assets()
    return become([str(PYTHON), "-m", "buoy", *words])


def serve_words(words):
    """`run` is `serve` with the demo, unless it is to be empty."""
    if "--empty" in words:
        return ["serve", *(word for word in words if word != "--empty")]
    return ["serve", "--demo", *words]


def test(words):
    """Run the checks, then the tests; stop at the first that fails and say which it was."""
    ours, theirs = split_at_dashes(words)
    unknown = [word for word in ours if word != "--long"]
    if unknown:
        stop(f"test does not know {unknown[0]}. Words for pytest come after --, as in: test -- -k rounding")
    if "--long" in ours:
        prepare("app", "dev", "assets", "spark")
        theirs = ["-m", "", *theirs]  # In place of pyproject.toml's "not long".
    else:
        prepare("app", "dev", "assets")
    make_assets()
    ensure_chromium()
    for name, arguments in CHECKS:
        say(name)
        if python(*arguments) != 0:
            stop(f"{name} failed; what comes after it was not run.")
    say("pytest")
    return python("-m", "pytest", "-n", "2", *theirs)


def split_at_dashes(words):
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


# --- The environment --------------------------------------------------------------------------------------


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
    with (ROOT / ".venv.lock").open("w") as lock:
        if os.name != "nt":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_whole():
    """False when there is no environment, when it was left half-made, or when its interpreter has changed."""
    if not PYTHON.exists() or not MADE_WITH.exists() or INSTALLING.exists():
        return False
    return MADE_WITH.read_text() == os.path.realpath(PYTHON)


def make_venv():
    say("making .venv with Python {}.{}".format(*sys.version_info))
    # The interpreter itself: what runs may be a link to it in the very .venv that is removed now.
    base = os.path.realpath(sys.executable)
    if VENV.exists():
        shutil.rmtree(VENV)
    uv = shutil.which("uv")
    if uv:
        call([uv, "venv", "-q", "--seed", "-p", base, str(VENV)])
    else:
        ensure_venv_module()
        call([base, "-m", "venv", str(VENV)])
    MADE_WITH.write_text(os.path.realpath(PYTHON))


def ensure_venv_module():
    """Debian and Ubuntu keep a part of venv in a package of its own: install it, or say how."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info)
        if not shutil.which("apt-get"):
            stop("this Python lacks its venv module. Install that, or uv, then start again.")
        if os.geteuid() != 0:
            stop(f"this Python lacks its venv module. Add it, then start again:  sudo apt install {package}")
        say(f"installing {package}, which this Python came without")
        apt_install(package)


def apt_install(package):
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    call(["apt-get", "update", "-qq"])
    call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], env=quiet, stdout=subprocess.DEVNULL)


def requirements(name):
    return ROOT / "requirements" / f"{name}.txt"


def digest(name):
    return hashlib.sha256(requirements(name).read_bytes()).hexdigest()


def stamp(name):
    return VENV / f".installed-{name}"


def is_installed(name):
    return stamp(name).exists() and stamp(name).read_text() == digest(name)


def install(name):
    """Install one locked list: every file by its hash, and nothing that the list does not name."""
    say(f"installing requirements/{name}.txt")
    INSTALLING.touch()
    uv = shutil.which("uv")
    if uv:
        tool = [uv, "pip", "install", "-q", "-p", str(PYTHON)]
    else:
        # Two -q hide warnings about the user's own pip settings; errors still show.
        tool = [str(PYTHON), "-m", "pip", "install", "-qq"]
    # Wheels only, so that no setup code of a package runs and no compiler is needed. Spark is published as
    # source; the setuptools of dev.txt build it, not a copy fetched unseen for the occasion.
    source = ["--no-build-isolation"] if name == "spark" else ["--only-binary", ":all:"]
    call([*tool, "--no-deps", "--require-hashes", *source, "-r", str(requirements(name))])
    stamp(name).write_text(digest(name))
    INSTALLING.unlink()


# --- What browsers load, and a browser to test it with ----------------------------------------------------


def make_assets():
    """Build styles, scripts, fonts and icons, when what they are made from has changed since the last time."""
    wanted = digest_of_assets()
    made_from = BUILT_ASSETS / ".made-from"
    if made_from.exists() and made_from.read_text() == wanted:
        return
    prepare("assets")
    build = str(ASSETS / "build.py")
    if python(build, "--has-node") != 0:
        say("there is no Node 20.19 or newer here; taking one as a Python package (61 MB)")
        prepare("node")
    with one_at_a_time():
        say("building styles, scripts, fonts and icons")
        if python(build, wanted) != 0:
            stop("the styles and scripts could not be built; the reason is above.")


def digest_of_assets():
    sources = [ROOT / name for name in ("package.json", "package-lock.json", "requirements/assets.txt")]
    sources += sorted(path for path in ASSETS.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    whole = hashlib.sha256()
    for path in sources:
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def ensure_chromium():
    """The browser tests drive a Chromium: that of BUOY_CHROMIUM, one on the path, or Debian's, installed here."""
    if os.environ.get("BUOY_CHROMIUM") or any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        stop(
            "the browser tests need Chromium, and none is on the path. Install it (on Debian: sudo apt install "
            "chromium), or set BUOY_CHROMIUM to the program of a Chrome or Chromium."
        )
    say("installing chromium for the browser tests")
    apt_install("chromium")


# --- Starting other programs ------------------------------------------------------------------------------


def use_a_new_enough_python():
    """Start again under a newer Python when the one that started this file is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in CANDIDATES:
        path = shutil.which(name)
        # A name on the path may be a stub that only says how to install the real thing: try it.
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            become([path, os.path.abspath(__file__), *sys.argv[1:]])
    stop("Buoy needs Python {}.{} or newer; this is {}.{}.".format(*OLDEST, *sys.version_info[:2]))


def environment():
    """Our source comes first on the path of every process that we start, and of those that they start."""
    path = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, path)))


def python(*arguments):
    """Run the environment's Python in the repository and return its exit code."""
    return subprocess.call([str(PYTHON), *arguments], cwd=ROOT, env=environment())


def become(command):
    """Hand this process over, so that Ctrl-C and the exit code are the command's own."""
    sys.stdout.flush()
    if os.name == "nt":  # There, exec returns to the shell before the command has ended.
        sys.exit(subprocess.call(command, env=environment()))
    os.execve(command[0], command, environment())


def call(command, **options):
    code = subprocess.call(command, **options)
    if code != 0:
        stop("this failed (exit code {}):  {}".format(code, " ".join(command)))


def say(message):
    print(f"go.py: {message}", flush=True)


def stop(message):
    sys.exit(f"go.py: {message}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
