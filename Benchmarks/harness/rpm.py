"""3,000 RPM packages over loopback, against curl, dnf, rpmkeys and createrepo_c; and the metadata of a whole distribution."""

import glob
import itertools
import json
import os
import subprocess

from . import rpms, tools
from .nginx import Nginx
from .openpgp import Key
from .processes import Failed, apart, measure, median, repeated, settle
from .site import Site, steps

PACKAGES = 3000
BYTES = 195 << 20
DISTRIBUTION = 60000

CONFIGURATION = """\
store: {store}
repositories:
  fedora:
    type: rpm
    upstream: {upstream}
"""
UNVERIFIED = CONFIGURATION + "    verify: false\n"
VERIFIED = CONFIGURATION + "    keyring: {keyring}\n    verify: {{metadata: false, packages: true}}\n"
FILTERED = UNVERIFIED + "    sign: false\n    filter: {{include: [%s]}}\n"


def run(table, settings):
    work, home = _directories(settings, "rpm")
    upstream = os.path.join(work, "upstream")
    keyring = os.path.join(work, "packages.gpg")
    apart(_make, upstream, keyring, work)
    server = Nginx(os.path.join(work, "nginx"), upstream)
    try:
        _compare(table, settings, work, home, upstream, server, keyring)
    finally:
        server.close()


def _directories(settings, name):
    work = os.path.join(settings.directory, name)
    home = os.path.join(work, "home")
    os.makedirs(home)
    return work, home


def _make(upstream, keyring, work):
    key = Key(work)
    with open(keyring, "wb") as file:
        file.write(key.public())
    rpms.write_packages(upstream, PACKAGES, BYTES, key)
    subprocess.run(["createrepo_c", "--quiet", "--no-database", upstream], check=True)


def _compare(table, settings, work, home, upstream, server, keyring):
    targets = (os.path.join(work, f"target-{number}") for number in itertools.count())
    paths = sorted(
        os.path.relpath(os.path.join(directory, name), upstream) for directory, _, names in os.walk(upstream) for name in names
    )

    def with_chantal(configuration):
        site = Site(settings.program, next(targets), home, server.url, keyring, configuration)
        settle(work)
        measured, report = site.sync("--verbose")
        if report["status"] != "changed" or report["packages"] != PACKAGES:
            raise Failed(f"the sync ended with {report}")
        return measured, site

    def with_curl():
        target = next(targets)
        os.mkdir(target)
        settle(work)
        return tools.curl(target, home, server.url, paths)

    plugins = None if settings.no_tools else _dnf_plugins(home)
    walls = {name: [] for name in ("chantal", "curl", "dnf", "signed", "rpmkeys")}
    peak = 0
    for number in range(settings.runs):
        measured, site = with_chantal(UNVERIFIED)
        walls["chantal"].append(measured.wall)
        signed, _ = with_chantal(VERIFIED)
        walls["signed"].append(signed.wall)
        peak = max(peak, measured.peak, signed.peak)
        walls["curl"].append(with_curl().wall)
        walls["rpmkeys"].append(_rpmkeys(home, work, upstream, keyring).wall)
        if plugins and number < settings.tool_runs:
            settle(work)
            walls["dnf"].append(_reposync(next(targets), home, server.url, plugins).wall)
        last = {name: f"{values[-1]:.2f}" for name, values in walls.items() if number < len(values)}
        print(f"rpm, round {number + 1}: " + ", ".join(f"{name} {wall} s" for name, wall in last.items()), flush=True)
    middle = {name: median(values) for name, values in walls.items() if values}
    for name in ("curl", "dnf"):
        if name in middle:
            table.ratio("rpm", f"wall.{name}", "sync of 3,000 packages, 195 MiB", middle["chantal"], name, middle[name])
    both = middle["chantal"] + middle["rpmkeys"]
    table.ratio("rpm", "signatures.rpmkeys", "with the packages' signatures", middle["signed"], "sync + rpmkeys", both)
    _regenerate(table, settings, work, home, upstream, site, server)
    table.count("rpm", "peak", "largest process", peak, "MiB")
    _unchanged(table, home, site, server)


def _rpmkeys(home, work, upstream, keyring):
    database = os.path.join(work, "rpmdb")
    if not os.path.exists(database):
        armored = os.path.join(work, "packages.asc")
        lines = subprocess.run(["gpg", "--homedir", home, "--batch", "--enarmor"], input=open(keyring, "rb").read(), capture_output=True)
        text = lines.stdout.decode().replace("PGP ARMORED FILE", "PGP PUBLIC KEY BLOCK")
        with open(armored, "w") as file:
            file.writelines(line + "\n" for line in text.split("\n") if not line.startswith("Comment"))
        measure(["rpmkeys", "--dbpath", database, "--import", armored], home)
    listing = os.path.join(home, "packages")
    with open(listing, "w") as file:
        file.writelines(f"{path}\n" for path in sorted(glob.glob(os.path.join(upstream, "Packages/*.rpm"))))
    measured = measure(["sh", "-c", 'xargs rpmkeys --dbpath "$1" -K <"$2"', "sh", database, listing], home)
    if measured.output.count("signatures OK") != PACKAGES:
        raise Failed(f"rpmkeys: {measured.output[-300:]}")
    return measured


def _dnf_plugins(home):
    """dnf's plugins, unpacked beside: their package does not stand zypper beside it."""
    directory = os.path.join(home, "dnf")
    os.makedirs(directory)
    subprocess.run(["apt-get", "download", "-qq", "dnf-plugins-core"], cwd=directory, check=True, stderr=subprocess.DEVNULL)
    (package,) = glob.glob(os.path.join(directory, "*.deb"))
    subprocess.run(["dpkg", "-x", package, directory], check=True)
    return os.path.join(directory, "usr/lib/python3/dist-packages")


def _reposync(target, home, url, plugins):
    settings = os.path.join(home, "dnf.conf")
    with open(settings, "w") as file:
        file.write(f"[main]\ncachedir={target}/cache\nlogdir={target}/log\nreposdir={target}/none\n")
        file.write(f"pluginpath={plugins}/dnf-plugins\nmax_parallel_downloads=16\nkeepcache=0\n")
        file.write(f"[bench]\nname=bench\nbaseurl={url}/\ngpgcheck=0\n")
    os.makedirs(target)
    command = f"dnf -q --config={settings} --releasever=9 reposync --repoid=bench --download-metadata --download-path={target}"
    measured = measure(["env", f"PYTHONPATH={plugins}", *command.split()], home)
    got = len(glob.glob(os.path.join(target, "bench/Packages/*.rpm")))
    if got != PACKAGES:
        raise Failed(f"dnf fetched {got} packages of {PACKAGES}:\n{measured.errors}")
    return measured


def _regenerate(table, settings, work, home, upstream, site, server):
    """The metadata alone: the packages are in the store, and createrepo_c may keep what it knows of them."""
    with open(site.configuration, "a") as file:
        section = FILTERED.split("repositories:\n")[1].replace("fedora", "filtered")
        file.write((section % "'*'").format(upstream=server.url))
    settle(work)
    measured = site.run("--json", "sync", "--verbose", "filtered")
    cpu = steps(measured.errors, "filtered")
    own = cpu["plan"] + cpu["metadata"]
    updated = [measure(["createrepo_c", "--quiet", "--no-database", "--update", upstream], home).cpu for _ in range(3)]
    table.ratio("rpm", "regenerate.createrepo_c", "write the metadata anew (CPU)", own, "createrepo_c", median(updated))
    for step, seconds in cpu.items():
        table.note(f"  CPU, step {step}", f"{seconds * 1000:.0f} ms")


def _unchanged(table, home, site, server):
    start = median([one.wall for one in repeated(15, ["python3", "-I", "-S", "-c", "pass"], home)])
    # createrepo_c has written the upstream's metadata once more since.
    site.run("--json", "sync", "fedora")
    settle(site.store)
    before = server.requests()
    again = repeated(15, site.command("--json", "sync", "fedora"), home)
    if any(json.loads(one.output)["repositories"][0]["status"] != "unchanged" for one in again):
        raise Failed(f"a sync found something new: {again[0].output}")
    table.ratio("rpm", "unchanged.start", "sync without a change", median([one.wall for one in again]), "start", start)
    requests = (server.requests() - before) / len(again)
    table.count("rpm", "unchanged.requests", "  requests of each", requests, "requests")


def run_metadata(table, settings):
    work, home = _directories(settings, "rpm-metadata")
    upstream = os.path.join(work, "upstream")
    apart(rpms.write_metadata, upstream, DISTRIBUTION)
    server = Nginx(os.path.join(work, "nginx"), upstream)
    try:
        md5 = measure(["sh", "-c", "head -c 1G /dev/zero | md5sum"], home).cpu
        kinds = [("verbatim", UNVERIFIED, DISTRIBUTION), ("filtered", FILTERED % "'package-*0'", DISTRIBUTION // 10)]
        peak = 0
        for key, configuration, count in kinds:
            site = Site(settings.program, os.path.join(work, key), home, server.url, "", configuration)
            settle(work)
            measured, report = site.sync("--verbose")
            if report["status"] != "changed" or report["packages"] != count:
                raise Failed(f"the sync ended with {report}")
            cpu = steps(measured.errors, "fedora")
            metadata = sum(cpu.get(step, 0) for step in ("upstream", "plan", "metadata", "catalog"))
            what = f"{DISTRIBUTION:,} packages, {count:,} kept: read, plan, index (CPU)"
            table.ratio("rpm-metadata", f"{key}.md5", what, metadata, "md5sum", md5)
            for step, seconds in cpu.items():
                table.note(f"  CPU, step {step}", f"{seconds * 1000:.0f} ms")
            peak = max(peak, measured.peak)
        table.count("rpm-metadata", "peak", "largest process", peak, "MiB")
    finally:
        server.close()
