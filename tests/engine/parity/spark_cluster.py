"""A real Spark cluster on loopback: a standalone master and one worker from the pyspark package, each a process."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_START_SECONDS = 60
_MASTER = re.compile(r"Starting Spark master at (spark://\S+)")
_REGISTERED = re.compile(r"Successfully registered with master")
_LOG = """\
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %p %c{1}: %m%n%ex
"""


@contextlib.contextmanager
def cluster(*, cores: int = 2, memory: str = "2g") -> Iterator[str]:
    """The address of the master, spark://127.0.0.1:PORT, as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="buoy-spark-"))
    (folder / "log4j2.properties").write_text(_LOG, encoding="utf-8")
    try:
        with contextlib.ExitStack() as stack:
            here = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
            master = stack.enter_context(_process("master.Master", here, folder, "master"))
            address = _wait_for(_MASTER, master, folder / "master.log")[1]
            offer = [*here, "--cores", str(cores), "--memory", memory, "--work-dir", str(folder / "work"), address]
            worker = stack.enter_context(_process("worker.Worker", offer, folder, "worker"))
            _wait_for(_REGISTERED, worker, folder / "worker.log")
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def spark_home() -> Path:
    """The folder of the pyspark package. Raises RuntimeError with what to do when there is none."""
    package = importlib.util.find_spec("pyspark")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("pyspark is not installed: start the long tests by `python3 go.py test --long`.")
    return Path(package.submodule_search_locations[0])


def environment() -> dict[str, str]:
    """Everything on loopback, with the Python that runs the tests."""
    return {
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }


def driver(master: str) -> "SparkSession":
    """A session of this process on the cluster; the variables of `environment` must be set."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master(master).appName("buoy tests").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    return session


@contextlib.contextmanager
def _process(name: str, words: Sequence[str], folder: Path, log: str) -> Iterator["subprocess.Popen[bytes]"]:
    options = {"SPARK_DAEMON_JAVA_OPTS": f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"}
    # spark-class replaces itself by java, so that the signal reaches the server and not only a shell.
    command = [str(spark_home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words]
    with (folder / f"{log}.log").open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment(), **options},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(line: re.Pattern[str], process: "subprocess.Popen[bytes]", log: Path) -> re.Match[str]:
    end = time.monotonic() + _START_SECONDS
    text = ""
    while time.monotonic() < end:
        text = log.read_text(errors="replace") if log.exists() else ""
        if found := line.search(text):
            return found
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"Spark did not start (Java 17 is needed): {text[-2000:]}")
