"""What became of each job, in a small file of the account, so that a restart repeats nothing."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from fillpath.core.jobs import JobRun
from fillpath.runtime.disk import sync_folder

FILE: Final = "jobs.json"


class JobBook:
    """The last run of each job by name.

    A file that cannot be read is put aside and begun anew: jobs may be done twice.

    Args:
        folder: of the account.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._runs: dict[str, JobRun] = {}
        self._lock = threading.Lock()
        self.problem = ""

    def open(self) -> None:
        """Read what was kept; ``problem`` says when it could not be."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"{self._path.name} cannot be read: {error.strerror}"
            return
        try:
            self._runs = msgspec.json.decode(content, type=dict[str, JobRun])
        except msgspec.MsgspecError as error:
            self.problem = f"{self._path.name} was begun anew: {error}"
            self._path.replace(self._path.with_suffix(".damaged"))

    def run_of(self, name: str) -> JobRun:
        """Return what is known of a job's runs."""
        return self._runs.get(name, JobRun())

    def write(self, runs: Mapping[str, JobRun]) -> None:
        """Keep runs by the names of their jobs, durably; ``problem`` says when the disk did not."""
        with self._lock:
            self._write(runs)

    def _write(self, runs: Mapping[str, JobRun]) -> None:
        self._runs |= runs
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(msgspec.json.encode(self._runs, order="sorted"))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            self.problem = f"{self._path.name} cannot be written: {error.strerror}"
        else:
            self.problem = ""


__all__ = ["FILE", "JobBook"]
