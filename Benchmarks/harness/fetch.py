"""5,000 packages over loopback: against curl, which only writes files, and against other mirror tools."""

import itertools
import os

from . import tools
from .archive import Archive, random_packages
from .nginx import Nginx
from .processes import Failed, apart, median, settle
from .site import Site, steps

PACKAGES = 5000
BYTES = 328 << 20


def run(table, settings):
    work = os.path.join(settings.directory, "fetch")
    home = os.path.join(work, "home")
    os.makedirs(home)
    archive = Archive(os.path.join(work, "upstream"))
    archive.make_key()
    apart(lambda: archive.write(random_packages(PACKAGES, BYTES)))
    paths = archive.paths()
    server = Nginx(os.path.join(work, "nginx"), archive.root)
    try:
        _compare(table, settings, work, home, archive, server, paths)
    finally:
        server.close()
        archive.remove()


def _compare(table, settings, work, home, archive, server, paths):
    # Nothing is removed before the end: a filesystem that avoids inodes deleted a moment ago (ext4) would make the next run pay.
    targets = (os.path.join(work, f"target-{number}") for number in itertools.count())

    def with_chantal():
        target = next(targets)
        site = Site(settings.program, target, home, server.url, archive.keyring)
        settle(work)
        measured, report = site.sync("--verbose")
        if report["status"] != "changed" or report["packages"] != PACKAGES:
            raise Failed(f"the sync ended with {report}")
        return measured

    def with_curl():
        target = next(targets)
        os.mkdir(target)
        settle(work)
        measured = tools.curl(target, home, server.url, paths)
        got = sum(len(files) for _, _, files in os.walk(target))
        if got != len(paths):
            raise Failed(f"curl fetched {got} files of {len(paths)}")
        return measured

    def with_tool(name):
        settle(work)
        return tools.run(name, next(targets), home, server.host, archive.keyring, PACKAGES)

    chosen = [] if settings.no_tools else list(tools.TOOLS)
    results = {name: [] for name in ("chantal", "curl", *chosen)}
    for number in range(settings.runs):
        pair = [("chantal", with_chantal), ("curl", with_curl)]
        # Each is as often first as second.
        for name, run_once in pair if number % 2 == 0 else reversed(pair):
            results[name].append(run_once())
        for name in chosen if number < settings.tool_runs else []:
            results[name].append(with_tool(name))
        last = {name: f"{measured[-1].wall:.2f}" for name, measured in results.items() if number < len(measured)}
        print(f"fetch, round {number + 1}: " + ", ".join(f"{name} {wall} s" for name, wall in last.items()), flush=True)
    walls = {name: median([measured.wall for measured in results[name]]) for name in results}
    for name in results:
        if name != "chantal":
            what = "sync of 5,000 packages, 328 MiB"
            table.ratio("fetch", f"wall.{name}", what, walls["chantal"], name, walls[name])
    table.count("fetch", "peak", "largest process", max(measured.peak for measured in results["chantal"]), "MiB")
    for name in ("chantal", "curl"):
        cpu = median([measured.cpu for measured in results[name]])
        table.note(f"CPU of {name}", f"{cpu:.2f} s")
    for step, cpu in steps(results["chantal"][-1].errors).items():
        table.note(f"  CPU, step {step}", f"{cpu * 1000:.0f} ms")
