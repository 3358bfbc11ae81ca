"""PostgreSQL, web server and worker, from the first to the last moment of an installation.

They start in this order: database, migrations (in a process of their own, so that this one stays small), web server and
worker. They stop in the other. This process does nothing but watch: it knows no Django and answers no request. A child
that ends is started again; when this process itself is killed, Linux tells each child, and all of them end.
"""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from buoy.cli.serve.program import Program
from buoy.core.configuration import Configuration
from buoy.core.postgres.children import die_with_parent
from buoy.core.postgres.failures import PostgresFailure

if TYPE_CHECKING:
    from buoy.core.postgres.cluster import Cluster

GRACE_SECONDS = 15.0
"""How long requests and jobs that are under way may take to end when Buoy is stopped."""
READY_SECONDS = 60.0
_GIVE_UP_AFTER = 3
"""Ends in a row before the first answer, after which it is not a mishap."""


class NotStarted(Exception):
    """A part of Buoy does not come up. The part has said why."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Supervisor:
    """Runs until it is told to stop. `say` gets a sentence for everything that happens."""

    configuration: Configuration
    listening: socket.socket
    cluster: Cluster | None
    environment: Mapping[str, str]
    say: Callable[[str], None]
    programs: list[Program] = field(init=False)
    stops: int = field(default=0, init=False)
    """How often somebody has asked to stop."""

    def __post_init__(self) -> None:
        self.programs = [self._web(), self._worker()]

    def run(self, *, when_ready: Callable[[Mapping[str, Any]], None]) -> None:
        """Start everything, keep it up, and stop it in order. Raises PostgresFailure and NotStarted."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        try:
            if self.cluster is not None:
                self.cluster.start(as_owner=True)
            prepared = self._prepare()
            for program in self.programs:
                program.start()
            self._wait_until_ready()
            if not self.stops:
                when_ready(prepared)
            while not self.stops:
                self._keep_up()
                time.sleep(0.1)
        finally:
            self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1

    def _prepare(self) -> Mapping[str, Any]:
        """Roles, tables, static files; what the step has to tell."""
        step = subprocess.Popen(
            [sys.executable, "-m", "buoy", "prepare"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        said, _ = step.communicate()
        if step.returncode != 0:
            raise NotStarted("the database could not be brought up to date", step.returncode)
        told: Mapping[str, Any] = json.loads(said)
        return told

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self.stops and not self._answers():
            self._keep_up()
            worst = max(self.programs, key=lambda program: program.failures)
            if worst.failures >= _GIVE_UP_AFTER or time.monotonic() > until:
                raise NotStarted(f"{worst.name} does not come up; what it said stands above", 1)
            time.sleep(0.05)

    def _answers(self) -> bool:
        host, port = self.listening.getsockname()[:2]
        door = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)
        try:
            door.request("GET", "/readyz", headers={"Host": "localhost"})
            return door.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            door.close()

    def _keep_up(self) -> None:
        if self.cluster is not None and not self.cluster.is_alive():
            self.say("PostgreSQL ended; it is started again.")
            try:
                self.cluster.restart()
            except PostgresFailure as failure:
                self.say(str(failure))
                time.sleep(1)
                return
        for program in self.programs:
            program.keep_up()

    def _end(self) -> None:
        for program in self.programs:
            program.end(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        # Asked twice, it does not wait for what is under way.
        while not all(program.has_ended() for program in self.programs) and time.monotonic() < until and self.stops < 2:
            time.sleep(0.02)
        for program in self.programs:
            program.end(signal.SIGKILL)
            if program.process is not None:
                program.process.wait()
        if self.cluster is not None:
            self.cluster.stop(at_once=True)

    def _web(self) -> Program:
        bind = f"fd://{self.listening.fileno()}"
        command = [sys.executable, "-m", "gunicorn", "buoy.config.wsgi:application", "--bind", bind, "--preload"]
        command += ["--worker-class", "gthread", "--workers", str(self.configuration.web_workers)]
        command += ["--threads", str(self.configuration.web_threads), "--timeout", "60"]
        command += ["--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning"]
        door = (self.listening.fileno(),)
        return Program("The web server", command, self.environment, self.say, on_death=signal.SIGTERM, inherit=door)

    def _worker(self) -> Program:
        command = [sys.executable, "-m", "django", "procrastinate", "worker"]
        # Asked to end it waits for its job, which waits for a database that dies with the supervisor too. A job whose
        # worker was killed is put back.
        return Program("The worker", command, self.environment, self.say, on_death=signal.SIGKILL)
