"""What every command does around its own work: options, report, errors as exit codes, signals."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from rich.console import Console

from runbooks.network import Network, opened
from runbooks.options import Options
from sixpeer.change.clock import Phases, SystemClock
from sixpeer.errors import ExitCode, IntentError, SixpeerError, UsageError
from sixpeer.plugins.progress import Progress
from sixpeer.reports import table
from sixpeer.reports.formats import FORMATS
from sixpeer.reports.report import Report
from tasks.verbs import NornirVerbs


class Terminal(Console):
    """Standard output; that nobody reads it any more (a closed pipe) stops nothing."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


@dataclass
class Run:
    """One invocation: its options, what it reports, and where it speaks meanwhile."""

    options: Options
    report: Report
    console: Console
    clock: SystemClock
    phases: Phases
    shown: bool = False

    def say(self, text: str) -> None:
        """Progress, for whoever watches; never on standard output. That nobody does any more stops nothing."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{text}\n")  # one write: several threads speak
            sys.stderr.flush()

    def show_plan(self) -> None:
        """The plan, before it is carried out; beside the report where that goes elsewhere."""
        if self.options.format == "table" and not self.options.output:
            table.show_changes(self.report.changes, self.console)
            self.shown = True
        elif not self.options.yes:
            table.show_changes(self.report.changes, Terminal(stderr=True))

    def verbs(self, network: Network, from_nodes: bool = True) -> NornirVerbs:
        nornir = network.nornir.with_processors([Progress(self.say, frozenset({"observe", "probe", "disturbed"}))])
        return NornirVerbs(nornir, network.intent, from_nodes)

    def finish(self) -> None:
        """Write the report, in its format and to its place."""
        self.report.seconds = dict(self.phases.seconds)
        if self.options.output:
            self.say(f"{self.report.command}: {self.report.summary} ({self.options.output})")
        if self.options.format != "table":
            text = FORMATS[self.options.format](self.report)
            self._write(lambda file: file.write(text))
        elif self.options.output:
            self._write(lambda file: table.show(self.report, Console(file=file, width=140)))
        elif self.shown:
            table.show_findings(self.report, self.console)
        else:
            table.show(self.report, self.console)

    def _write(self, write: Callable[[TextIO], object]) -> None:
        try:
            if self.options.output:
                with self.options.output.open("w", encoding="utf-8") as file:
                    write(file)
            else:
                write(sys.stdout)
        except OSError as error:
            self.say(f"the report could not be written: {error}; {self.report.command}: {self.report.summary}")


Work = Callable[[Run, Network], ExitCode]


def run(parser: ArgumentParser, work: Work, arguments: Sequence[str] | None) -> int:
    """Parse the options, do the work, report. Answers the exit code; nothing escapes but a bug's own traceback."""
    options = parser.parse_args(arguments)
    clock = SystemClock()
    console = Terminal(width=None if sys.stdout.isatty() else 140)
    report = Report(parser.prog.rpartition(".")[2])
    this = Run(options, report, console, clock, Phases(clock))
    this.phases.begins = lambda name: this.say(f"{name} …")
    try:
        _writable(options)
        with _terminating(this), opened(options) as network:
            report.exit_code = work(this, network)
    except SixpeerError as error:
        report.exit_code = error.exit_code
        report.summary = str(error) if not isinstance(error, IntentError) else f"the inventory is not valid\n{error}"
    except KeyboardInterrupt:
        report.exit_code, report.summary = ExitCode.UNKNOWN, "interrupted; nothing was touched"
    except Exception:  # a bug: never taken for drift
        this.say(traceback.format_exc())
        report.exit_code, report.summary = ExitCode.UNKNOWN, "an error in sixpeer itself, see above; please report it"
    this.finish()
    _flush()
    return int(report.exit_code)


def _flush() -> None:
    """What nobody reads any more must not change our exit code: Python ends with 120 if it cannot flush."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _writable(options: Options) -> None:
    """Raises UsageError before anything is done, if the report could not be written at the end."""
    output, options.output = options.output, None
    if output is not None:
        try:
            output.open("a", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"--output: {output} cannot be written: {error.strerror}") from None
    options.output = output


@contextmanager
def _terminating(this: Run) -> Iterator[None]:
    """SIGTERM and SIGHUP are taken as Ctrl-C: what was begun is put back, which another signal does not stop."""
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        nonlocal interrupted
        if interrupted:
            this.say("interrupted already: what was begun is being put back")
            return
        interrupted = True
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
