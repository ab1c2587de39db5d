"""Bundles of 5,000 packages: export and import, against tar and sha256sum over the same files."""

import os

from .archive import Archive, random_packages
from .nginx import Nginx
from .processes import Failed, apart, measure, median, settle
from .site import Site

PACKAGES = 5000
BYTES = 328 << 20

PACK = 'tar -cf "$2" -C "$1" . && cd "$1" && find . -type f -print0 | xargs -0 sha256sum > /dev/null'
UNPACK = 'mkdir "$2" && tar -xf "$1" -C "$2" && cd "$2" && find . -type f -print0 | xargs -0 sha256sum > /dev/null'


def run(table, settings):
    work = os.path.join(settings.directory, "bundle")
    home = os.path.join(work, "home")
    os.makedirs(home)
    archive = Archive(os.path.join(work, "upstream"))
    archive.make_key()
    apart(lambda: archive.write(random_packages(PACKAGES, BYTES)))
    server = Nginx(os.path.join(work, "nginx"), archive.root)
    try:
        outside = Site(settings.program, os.path.join(work, "outside"), home, server.url, archive.keyring)
        outside.sync()
    finally:
        server.close()
    _compare(table, settings, work, home, archive, outside)
    archive.remove()


def _compare(table, settings, work, home, archive, outside):
    blobs = os.path.join(outside.store, "blobs")
    results = {name: [] for name in ("export", "import", "pack", "unpack")}
    for number in range(settings.runs):
        bundle = os.path.join(work, f"bundle-{number}.tar")
        packed = os.path.join(work, f"packed-{number}.tar")
        inside = Site(settings.program, os.path.join(work, f"inside-{number}"), home, "file:///nowhere", archive.keyring)
        unpacked = os.path.join(work, f"unpacked-{number}")

        def timed(name, function):
            settle(work)
            results[name].append(function())

        pairs = [
            [
                ("export", lambda: outside.run("export", "-o", bundle)),
                ("pack", lambda: measure(["sh", "-c", PACK, "sh", blobs, packed], home)),
            ],
            [
                ("import", lambda: inside.run("import", bundle)),
                ("unpack", lambda: measure(["sh", "-c", UNPACK, "sh", packed, unpacked], home)),
            ],
        ]
        # Each is as often first as second.
        for pair in pairs:
            for name, function in pair if number % 2 == 0 else reversed(pair):
                timed(name, function)
        count = sum(len(files) for _, _, files in os.walk(os.path.join(inside.store, "blobs")))
        if count < PACKAGES:
            raise Failed(f"the import brought {count} blobs")
        last = ", ".join(f"{name} {measured[-1].wall:.2f}" for name, measured in results.items())
        print(f"bundle, round {number + 1}: {last} s", flush=True)
    walls = {name: median([measured.wall for measured in results[name]]) for name in results}
    table.ratio("bundle", "export.tar", "export of 328 MiB in 5,000 files", walls["export"], "tar", walls["pack"])
    table.ratio("bundle", "import.tar", "import of the same", walls["import"], "tar", walls["unpack"])
    peak = max(measured.peak for name in ("export", "import") for measured in results[name])
    table.count("bundle", "peak", "largest process", peak, "MiB")
    for name in results:
        table.note(f"CPU of {name}", f"{median([measured.cpu for measured in results[name]]):.2f} s")
