"""Runs programs and measures them: wall time, CPU time, and the memory of the largest process they started."""

import ctypes
import os
import statistics
import subprocess
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Measured:
    wall: float
    """Seconds."""
    cpu: float
    """Seconds of the process and of all that it started, user and system."""
    peak: float
    """MiB that the largest of these processes had resident at most (VmHWM)."""
    output: str
    errors: str


class Failed(Exception):
    pass


def adopt_orphans():
    """Makes processes whose parents have gone (gpg, started by gpgme) children of this one, so that they are measured too."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def clean_environment(home):
    """No setting of this machine: no proxy, no configuration, no language."""
    unwanted = {"CHANTAL_CONFIG", "GNUPGHOME", "APT_CONFIG", "XDG_CONFIG_HOME"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.lower().endswith("_proxy")
    }
    return environment | {"LC_ALL": "C.UTF-8", "HOME": home, "no_proxy": "127.0.0.1"}


def measure(command, home, directory=None):
    """Runs a program to its end; one that does not end with 0 is an error."""
    output = os.path.join(home, "stdout")
    errors = os.path.join(home, "stderr")
    with open(output, "wb") as out, open(errors, "wb") as err, open(os.devnull, "rb") as nothing:
        started = time.monotonic()
        # Not subprocess: wait4() is to be ours, it alone gives a single child's memory.
        process = os.fork()
        if process == 0:
            try:
                for source, target in ((nothing, 0), (out, 1), (err, 2)):
                    os.dup2(source.fileno(), target)
                if directory:
                    os.chdir(directory)
                os.execvpe(command[0], command, clean_environment(home))
            finally:
                os._exit(127)
        status, usages = wait(process)
        wall = time.monotonic() - started
    usages += orphans()
    with open(output, errors="replace") as out, open(errors, errors="replace") as err:
        measured = Measured(
            wall=wall,
            cpu=sum(usage.ru_utime + usage.ru_stime for usage in usages),
            peak=max(usage.ru_maxrss for usage in usages) / 1024,
            output=out.read(),
            errors=err.read(),
        )
    if status != 0:
        raise Failed(f"{' '.join(command)} ended with {status}:\n{measured.errors}{measured.output}")
    return measured


def wait(process):
    """Until a process ends; others that end meanwhile are counted with it."""
    usages = []
    while True:
        ended, status, usage = os.wait4(-1, 0)
        usages.append(usage)
        if ended == process:
            return os.waitstatus_to_exitcode(status), usages


def orphans():
    """Those that have ended by now, or do so within a moment."""
    usages = []
    deadline = time.monotonic() + 0.02
    while time.monotonic() < deadline:
        try:
            ended, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if ended:
            usages.append(usage)
        else:
            time.sleep(0.002)
    return usages


def repeated(times, command, home):
    """Runs a quick command again and again: all results."""
    return [measure(command(number) if callable(command) else command, home) for number in range(times)]


def median(values):
    return statistics.median(values)


def apart(function, *arguments):
    """Calls a function in a process of its own: its memory does not become the floor of what is measured here."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            function(*arguments)
            status = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    if wait(process)[0] != 0:
        raise Failed(f"{function.__name__} failed")


def settle(directory):
    """Writes out what was written before, so that the next run does not pay for it."""
    subprocess.run(["sync", "-f", directory], check=True)
