"""3,018 Python packages of 1,012 projects over loopback, against curl and bandersnatch; and the pages of 20,000 projects without files."""

import itertools
import os

from . import bandersnatch, tools
from .index import Index
from .nginx import Nginx
from .processes import Failed, measure, median, repeated, settle
from .site import Site, steps

PROJECTS = 1012
FILES = 3018
BYTES = 179_000_000
EMPTY = 20_000

CONFIGURATION = """\
store: {store}
repositories:
  python:
    type: pypi
    upstream: {upstream}/simple/
"""


def run(table, settings):
    work = os.path.join(settings.directory, "pypi")
    home = os.path.join(work, "home")
    os.makedirs(home)
    index = Index(os.path.join(work, "upstream"))
    index.write(PROJECTS, FILES, BYTES)
    empty = Index(os.path.join(work, "empty"))
    empty.write(EMPTY, 0, 0)
    server = Nginx(os.path.join(work, "nginx"), index.root, bandersnatch.LOCATIONS)
    try:
        _compare(table, settings, work, home, index, server)
    finally:
        server.close()
    server = Nginx(os.path.join(work, "nginx-empty"), empty.root)
    try:
        _empty(table, settings, work, home, server)
    finally:
        server.close()


def _compare(table, settings, work, home, index, server):
    targets = (os.path.join(work, f"target-{number}") for number in itertools.count())
    paths = [
        os.path.relpath(os.path.join(directory, name), index.root)
        for directory, _, names in os.walk(index.root)
        for name in names
    ]
    walls = {"chantal": [], "curl": []}
    if not settings.no_tools:
        walls["bandersnatch"] = []
        bandersnatch.write_metadata(index, server.url)
    peak = 0
    for number in range(settings.runs):
        for name in ("chantal", "curl") if number % 2 == 0 else ("curl", "chantal"):
            target = next(targets)
            if name == "curl":
                os.mkdir(target)
                settle(work)
                walls[name].append(tools.curl(target, home, server.url, paths).wall)
                continue
            site = Site(settings.program, target, home, server.url, "", CONFIGURATION)
            settle(work)
            measured, report = site.sync("--verbose")
            if report["status"] != "changed" or report["packages"] != FILES:
                raise Failed(f"the sync ended with {report}")
            walls[name].append(measured.wall)
            peak = max(peak, measured.peak)
        if "bandersnatch" in walls and number < settings.tool_runs:
            settle(work)
            walls["bandersnatch"].append(bandersnatch.run(next(targets), home, server.url, FILES).wall)
        last = {name: wall[-1] for name, wall in walls.items() if number < len(wall)}
        print(f"pypi, round {number + 1}: " + ", ".join(f"{name} {wall:.2f} s" for name, wall in last.items()), flush=True)
    what = "sync of 1,012 projects, 3,018 files, 179 MB"
    for name in list(walls)[1:]:
        table.ratio("pypi", f"wall.{name}", what, median(walls["chantal"]), name, median(walls[name]))
    table.count("pypi", "peak", "largest process", peak, "MiB")
    table.note("  CPU", f"{measured.cpu:.2f} s")
    for step, cpu in steps(measured.errors, "python").items():
        table.note(f"  CPU, step {step}", f"{cpu * 1000:.0f} ms")
    _again(table, site, home, index, server)


def _again(table, site, home, index, server):
    start = median([one.cpu for one in repeated(15, ["python3", "-I", "-S", "-c", "pass"], home)])
    before = server.requests()
    again = repeated(15, site.command("--json", "sync"), home)
    table.ratio("pypi", "unchanged.start", "sync without a change (CPU)", median([one.cpu for one in again]), "start", start)
    table.count("pypi", "unchanged.requests", "  requests of each", (server.requests() - before) / len(again), "requests")
    names = list(index.files)
    costs = []
    for number in range(5):
        index.change(names[number * 10 : number * 10 + 10])
        measured, report = site.sync("--verbose")
        if report["status"] != "changed":
            raise Failed(f"the sync ended with {report}")
        costs.append(measured.cpu)
    table.ratio("pypi", "ten.start", "sync with ten projects changed (CPU)", median(costs), "start", start)
    for step, cpu in steps(measured.errors, "python").items():
        table.note(f"  CPU, step {step}", f"{cpu * 1000:.0f} ms")


def _empty(table, settings, work, home, server):
    md5 = measure(["sh", "-c", "head -c 1G /dev/zero | md5sum"], home).cpu
    site = Site(settings.program, os.path.join(work, "empty-site"), home, server.url, "", CONFIGURATION)
    measured, report = site.sync("--verbose")
    if report["status"] != "changed" or report["files"] != 2 * EMPTY + 2:
        raise Failed(f"the sync ended with {report}")
    table.ratio("pypi", "empty.md5", "20,000 projects without files (CPU)", measured.cpu, "md5sum", md5)
    table.note("  largest process", f"{measured.peak:.0f} MiB")
    for step, cpu in steps(measured.errors, "python").items():
        table.note(f"  CPU, step {step}", f"{cpu * 1000:.0f} ms")
