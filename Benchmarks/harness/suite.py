"""The metadata of a whole Debian suite: 63,440 packages of a few bytes each, so that nothing but the metadata counts."""

import collections
import json
import os
import shutil

from .archive import Archive, tiny_packages
from .nginx import Nginx
from .processes import Failed, apart, measure, median, repeated, settle
from .site import CONFIGURATION, Site, steps

PACKAGES = 63440


def run(table, settings):
    work = os.path.join(settings.directory, "suite")
    home = os.path.join(work, "home")
    os.makedirs(home)
    archive = Archive(os.path.join(work, "upstream"))
    archive.make_key()
    apart(lambda: archive.write(tiny_packages(PACKAGES, settings.packages)))
    server = Nginx(os.path.join(work, "nginx"), archive.root)
    try:
        _measure(table, settings, work, home, archive, server)
    finally:
        server.close()
        archive.remove()


def _measure(table, settings, work, home, archive, server):
    start = median([one.wall for one in repeated(15, ["python3", "-I", "-S", "-c", "pass"], home)])
    md5 = measure(["sh", "-c", "head -c 1G /dev/zero | md5sum"], home).cpu
    site = Site(settings.program, os.path.join(work, "site"), home, server.url, archive.keyring)
    settle(work)
    measured, report = site.sync("--verbose")
    if report["status"] != "changed" or not report["packages"]:
        raise Failed(f"the sync ended with {report}")
    print(f"suite: {report['packages']} packages fetched in {measured.wall:.1f} s", flush=True)
    cpu = steps(measured.errors)
    _steps(table, site, work, home, measured, cpu, md5)
    _closure(table, settings, work, home, archive, server, md5)
    _commands(table, settings, site, archive, server, start, md5)
    _many(table, site, archive, start, md5)


def _steps(table, site, work, home, measured, cpu, md5):
    metadata = cpu["upstream"] + cpu["plan"] + cpu["catalog"]
    table.ratio("suite", "metadata.md5", "read, plan and index (CPU)", metadata, "md5sum", md5)
    copy = os.path.join(work, "copy")
    tree = os.path.realpath(os.path.join(site.store, "public/debian"))
    # -L: directories that trees have in common are links.
    cp = measure(["cp", "-alL", tree, copy], home).cpu
    shutil.rmtree(copy)
    table.ratio("suite", "tree.cp", "publish the tree (CPU)", cpu.get("tree", 0) + cpu["publish"], "cp -al", cp)
    table.count("suite", "peak", "largest process", measured.peak, "MiB")
    for step, seconds in cpu.items():
        table.note(f"  CPU, step {step}", f"{seconds * 1000:.0f} ms")


def _closure(table, settings, work, home, archive, server, md5):
    """What one package needs, out of all."""
    name = _package(archive.packages_file)
    configuration = CONFIGURATION + f"    sign: false\n    filter:\n      include: [{name}]\n      dependencies: true\n"
    site = Site(settings.program, os.path.join(work, "closure"), home, server.url, archive.keyring, configuration)
    measured, report = site.sync("--dry-run")
    if not report["packages"]:
        raise Failed(f"the dry run ended with {report}")
    what = f"sync --dry-run, {name} and its dependencies: {report['packages']} packages (CPU)"
    table.ratio("suite", "closure.md5", what, measured.cpu, "md5sum", md5)
    table.count("suite", "closure.peak", "  largest process", measured.peak, "MiB")


def _commands(table, settings, site, archive, server, start, md5):
    def ratio(key, what, walls):
        table.ratio("suite", f"{key}.start", what, median([one.wall for one in walls]), "start", start)

    settle(site.store)
    before = server.requests()
    again = repeated(15, site.command("--json", "sync"), site.home)
    if any(json.loads(one.output)["repositories"][0]["status"] != "unchanged" for one in again):
        raise Failed(f"a sync found something new: {again[0].output}")
    ratio("unchanged", "sync without a change", again)
    requests = (server.requests() - before) / len(again)
    table.count("suite", "unchanged.requests", "  requests of each", requests, "requests")
    made = repeated(7, lambda number: site.command("snapshot", "create", "debian", f"state-{number}"), site.home)
    ratio("snapshot", "snapshot create", made)
    word = _word(archive.packages_file)
    found = repeated(15, site.command("--json", "search", word), site.home)
    hits = len(json.loads(found[0].output)["packages"])
    ratio("search", f"search --json {word} ({hits} found)", found)
    _hundred(table, settings, site, archive, md5)
    apart(lambda: archive.write(tiny_packages(PACKAGES, settings.packages, revision=1)))
    second, report = site.sync("--verbose")
    if report["status"] != "changed":
        raise Failed(f"the second sync ended with {report}")
    compared = repeated(5, site.command("--json", "diff", "debian@1", "debian"), site.home)
    changed = len(json.loads(compared[0].output)["changed"])
    cpu = median([one.cpu for one in compared])
    table.ratio("suite", "diff.md5", f"diff of two states ({changed} changed, CPU)", cpu, "md5sum", md5)
    table.note("sync with these changes (CPU)", f"{second.cpu:.2f} s")
    table.note("  largest process", f"{second.peak:.0f} MiB")


def _package(packages_file):
    """nginx, or else the last package that depends on others."""
    name, last = None, None
    with open(packages_file, "rb") as file:
        for line in file:
            if line.startswith(b"Package: "):
                name = line.split()[1].decode()
                if name == "nginx":
                    return name
            elif line.startswith(b"Depends: "):
                last = name
    if last is None:
        raise Failed("no package of the index depends on another")
    return last


def _hundred(table, settings, site, archive, md5):
    """A sync that finds a hundred packages in other versions."""
    apart(lambda: archive.write(tiny_packages(PACKAGES, settings.packages, revision=1, every=PACKAGES // 100)))
    measured, report = site.sync("--verbose")
    if report["status"] != "changed":
        raise Failed(f"the sync of a hundred changes ended with {report}")
    cpu = steps(measured.errors)
    table.ratio("suite", "hundred.md5", "sync with a hundred changes (CPU)", measured.cpu, "md5sum", md5)
    table.ratio("suite", "hundred.catalog.md5", "  step catalog", cpu["catalog"], "md5sum", md5)
    table.note("  wall", f"{measured.wall:.2f} s")
    for step, seconds in cpu.items():
        table.note(f"  CPU, step {step}", f"{seconds * 1000:.0f} ms")


def _many(table, site, archive, start, md5):
    """A search where four repositories of this size are mirrored."""
    with open(site.configuration) as file:
        lines = file.read().splitlines(keepends=True)
    section = lines[lines.index("  debian:\n") + 1 :]
    with open(site.configuration, "w") as file:
        file.writelines(lines)
        for number in range(2, 5):
            file.writelines([f"  debian{number}:\n", *section])
    site.run("sync")
    settle(site.store)
    word = _word(archive.packages_file)
    found = repeated(20, site.command("--json", "search", word), site.home)
    hits = len(json.loads(found[0].output)["packages"])
    walls = median([one.wall for one in found])
    table.ratio("suite", "many.start", f"search among {4 * PACKAGES} packages ({hits} found)", walls, "start", start)
    # What half of all names begin with, a letter, a word of many summaries, and both of two words.
    frequent = _words(archive.packages_file)
    for common in (["lib"], ["b"], [frequent[0]], ["lib", frequent[0]], frequent):
        command = site.command("--json", "search", "--limit", "500", *common)
        walls = median([one.wall for one in repeated(20, command, site.home)])
        table.ratio("suite", "common.start", f"  for '{' '.join(common)}', the first 500", walls, "start", start)
    found = repeated(20, site.command("--json", "search", frequent[0]), site.home)
    hits = len(json.loads(found[0].output)["packages"])
    cpu = median([one.cpu for one in found]) / hits * 10000
    table.ratio("suite", "hits.md5", f"  for '{frequent[0]}' ({hits} found), of 10,000 (CPU)", cpu, "md5sum", md5)


def _words(packages_file):
    """The two words that stand in most summaries, of those that a user would search for."""
    counts = collections.Counter()
    with open(packages_file, "rb") as file:
        for line in file:
            if line.startswith(b"Description: "):
                counts.update({word for word in line.decode().lower().split()[1:] if len(word) > 5 and word.isalpha()})
    return [word for word, _ in counts.most_common(2)]


def _word(packages_file):
    """A word of some summary, as a user would search for it."""
    summaries = 0
    with open(packages_file, "rb") as file:
        for line in file:
            if line.startswith(b"Description: "):
                summaries += 1
                if summaries == 1000:
                    return max(line.decode().split()[1:], key=len)
    raise Failed("the index has no summaries")
