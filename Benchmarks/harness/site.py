"""A chantal of its own: a store, and a configuration with one repository."""

import json
import os
import re

from .archive import SUITE
from .processes import measure

CONFIGURATION = """\
store: {store}
repositories:
  debian:
    type: apt
    upstream: {upstream}
    keyring: {keyring}
    suites: [{suite}]
    components: [main]
    architectures: [amd64]
"""


class Site:
    def __init__(self, program, directory, home, upstream, keyring, configuration=CONFIGURATION):
        self.program = program
        self.home = home
        measure([program, "init", directory], home)
        self.configuration = os.path.join(directory, "chantal.yaml")
        with open(self.configuration) as file:
            store = re.search(r"^store: *([^ #\n]+)", file.read(), re.MULTILINE)[1]
        self.store = os.path.join(directory, store)
        with open(self.configuration, "w") as file:
            file.write(configuration.format(store=store, upstream=upstream, keyring=keyring, suite=SUITE))

    def command(self, *arguments):
        return [self.program, "--config", self.configuration, *arguments]

    def run(self, *arguments):
        return measure(self.command(*arguments), self.home)

    def sync(self, *options):
        """Measures a sync: the measurement, and what `--json` says of the repository."""
        measured = self.run("--json", "sync", *options)
        return measured, json.loads(measured.output)["repositories"][0]


def steps(errors, repository="debian"):
    """CPU seconds of each step of a sync, from what `--verbose` says."""
    found = re.findall(rf"{repository}: (.+?): \d+ ms, CPU (\d+) ms", errors)
    return {name: int(cpu) / 1000 for name, cpu in found}
