"""Other mirror tools, each set up to do the same: fetch a suite, 16 connections where it has such an option."""

import json
import os

from .archive import SUITE
from .processes import Failed, measure


def curl(directory, home, url, paths):
    """curl writes the same files, and they are made durable: what the disk and the loopback need at least."""
    listing = os.path.join(home, "curl.config")
    with open(listing, "w") as file:
        for path in paths:
            file.write(f'url = "{url}/{path}"\noutput = "{directory}/{path}"\n')
    script = 'curl -q --silent --show-error --fail -Z --parallel-max 16 --create-dirs -K "$1" && sync -f "$2"'
    return measure(["sh", "-c", script, "sh", listing, directory], home)


def apt_mirror(directory, home, host, keyring):
    # It cannot cope with a port in a URL; nginx takes requests that are meant for a proxy, and answers them itself.
    values = {"base_path": directory, "nthreads": 16, "_tilde": 0, "run_postmirror": 0, "use_proxy": "on", "http_proxy": host}
    settings = os.path.join(home, "mirror.list")
    with open(settings, "w") as file:
        for name, value in values.items():
            file.write(f"set {name} {value}\n")
        file.write(f"deb-amd64 http://archive.test {SUITE} main\n")
    for name in ("mirror", "skel", "var"):
        os.mkdir(os.path.join(directory, name))
    return measure(["apt-mirror", settings], home)


def debmirror(directory, home, host, keyring):
    options = f"--method=http --host={host} --root=/ --dist={SUITE} --section=main --arch=amd64 --nosource".split()
    options += "--diff=none --rsync-extra=none --i18n --exclude=Translation-".split()
    settings = os.path.join(home, "debmirror.conf")
    with open(settings, "w") as file:
        file.write("1;\n")
    options += [f"--keyring={keyring}", f"--config-file={settings}"]
    return measure(["debmirror", *options, directory], home)


def aptly(directory, home, host, keyring):
    settings = os.path.join(home, "aptly.conf")
    with open(settings, "w") as file:
        json.dump({"rootDir": directory, "downloadConcurrency": 16, "architectures": ["amd64"]}, file)
    common = ["aptly", f"-config={settings}", "mirror"]
    create = [*common, "create", f"-keyring={keyring}", "debian", f"http://{host}/", SUITE, "main"]
    update = [*common, "update", f"-keyring={keyring}", "debian"]
    first, second = measure(create, home), measure(update, home)
    second.wall += first.wall
    return second


TOOLS = {"apt-mirror": apt_mirror, "debmirror": debmirror, "aptly": aptly}


def run(name, directory, home, host, keyring, packages):
    """Mirrors with one of the tools into an empty directory; fewer packages than there are is an error."""
    os.mkdir(directory)
    measured = TOOLS[name](directory, home, host, keyring)
    got = sum(file.endswith(".deb") for _, _, files in os.walk(directory) for file in files)
    if got < packages:
        raise Failed(f"{name} fetched {got} packages of {packages}:\n{measured.errors}{measured.output}")
    return measured
