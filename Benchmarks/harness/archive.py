"""Makes signed Debian-style archives: `dists/stable` with one component and architecture, and a pool."""

import gzip
import hashlib
import lzma
import os
import random
import shutil
import subprocess
from email.utils import formatdate

SUITE = "stable"
INDEX_DIRECTORY = "main/binary-amd64"


class Archive:
    """An archive below a directory: `mirror/` is what a server offers, `archive.gpg` the public key."""

    def __init__(self, directory):
        self.directory = directory
        self.root = os.path.join(directory, "mirror")
        self.keyring = os.path.join(directory, "archive.gpg")
        self.packages_file = os.path.join(directory, "Packages")
        self.gnupg = os.path.join(directory, "gnupg")

    def make_key(self):
        os.makedirs(self.root)
        os.mkdir(self.gnupg, 0o700)
        name = "Benchmark Archive <archive@example.test>"
        self._gpg("--passphrase", "", "--quick-generate-key", name, "rsa3072", "sign", "never")
        self._gpg("--output", self.keyring, "--export")

    def write(self, packages):
        """Writes pool, indices and Release. `packages` yields (fields, path, content): `fields` are the stanza's lines without those
        that describe the file. A file that is there already is left as it is."""
        directories = set()
        with open(self.packages_file, "wb") as index:
            for fields, path, content in packages:
                target = os.path.join(self.root, path)
                parent = os.path.dirname(target)
                if parent not in directories:
                    os.makedirs(parent, exist_ok=True)
                    directories.add(parent)
                if not os.path.exists(target):
                    with open(target, "wb") as file:
                        file.write(content)
                index.write(
                    b"%sFilename: %s\nSize: %d\nMD5sum: %s\nSHA256: %s\n\n"
                    % (
                        fields,
                        path.encode(),
                        len(content),
                        hashlib.md5(content).hexdigest().encode(),
                        hashlib.sha256(content).hexdigest().encode(),
                    )
                )
        self._write_indices()

    def paths(self):
        """Every file that a mirror of the suite holds, without the copies by hash."""
        found = []
        for directory, _, names in os.walk(self.root):
            if os.path.basename(os.path.dirname(directory)) != "by-hash":
                found += [os.path.relpath(os.path.join(directory, name), self.root) for name in names]
        return sorted(found)

    def _write_indices(self):
        suite = os.path.join(self.root, "dists", SUITE)
        directory = os.path.join(suite, INDEX_DIRECTORY)
        os.makedirs(os.path.join(directory, "by-hash/SHA256"), exist_ok=True)
        with open(self.packages_file, "rb") as file:
            plain = file.read()
        lines = []
        for name, content in (
            ("Packages", plain),
            ("Packages.gz", gzip.compress(plain, 6, mtime=0)),
            ("Packages.xz", lzma.compress(plain, preset=1)),
        ):
            digest = hashlib.sha256(content).hexdigest()
            lines.append(f" {digest} {len(content)} {INDEX_DIRECTORY}/{name}")
            # As in real archives, the plain form is listed, not offered.
            if name != "Packages":
                path = os.path.join(directory, name)
                _replace(path, content)
                by_hash = os.path.join(directory, "by-hash/SHA256", digest)
                if not os.path.exists(by_hash):
                    os.link(path, by_hash)
        fields = [
            "Origin: Benchmark",
            f"Suite: {SUITE}",
            f"Codename: {SUITE}",
            f"Date: {formatdate(usegmt=True)}",
            "Architectures: amd64",
            "Components: main",
            "Acquire-By-Hash: yes",
            "SHA256:",
        ]
        release = ("\n".join(fields + lines) + "\n").encode()
        _replace(os.path.join(suite, "Release"), release)
        for options, name in ((["--clearsign"], "InRelease"), (["--armor", "--detach-sign"], "Release.gpg")):
            self._gpg("--yes", "--output", os.path.join(suite, name), *options, os.path.join(suite, "Release"))

    def _gpg(self, *arguments):
        command = ["gpg", "--homedir", self.gnupg, "--batch", "--quiet", *arguments]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def remove(self):
        subprocess.run(["gpgconf", "--homedir", self.gnupg, "--kill", "all"], check=False)
        shutil.rmtree(self.directory)


def _replace(path, content):
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.replace(path + ".new", path)


def random_packages(count, total_bytes, seed=1):
    """Packages of random bytes with sizes as archives have them: many small ones, few large ones."""
    source = random.Random(seed)
    sizes = [source.lognormvariate(0, 1.3) for _ in range(count)]
    unit = (total_bytes - 1024 * count) / sum(sizes)
    for (fields, path), size in zip(stanzas(count, seed), sizes):
        yield fields, path, source.randbytes(1024 + int(size * unit))


def tiny_packages(count, packages_file=None, revision=0, every=50):
    """Packages of a few bytes each, with the stanzas of a whole suite; with a revision every so many have another version."""
    found = read_stanzas(packages_file) if packages_file else stanzas(count, seed=2)
    for number, (fields, path) in enumerate(found):
        own = revision if number % every == 0 else 0
        if own:
            path = path.replace("_amd64.deb", f"+r{own}_amd64.deb").replace("_all.deb", f"+r{own}_all.deb")
            lines = [line + b"+r%d" % own if line.startswith(b"Version: ") else line for line in fields.split(b"\n")]
            fields = b"\n".join(lines)
        yield fields, path, b"package %d, revision %d\n" % (number, own)


def read_stanzas(path):
    """The stanzas of a real Packages file, without the fields that describe the package's file."""
    described = (b"Filename:", b"Size:", b"MD5sum:", b"SHA1:", b"SHA256:", b"SHA512:")
    fields, place = [], None
    with open(path, "rb") as file:
        for line in file:
            if line.startswith(b"Filename:"):
                place = line.split()[1].decode()
            if line != b"\n":
                if not line.startswith(described):
                    fields.append(line)
            elif place:
                yield b"".join(fields), place
                fields, place = [], None


def stanzas(count, seed):
    """Stanzas like those of a Debian suite: as many fields, as long."""
    source = random.Random(seed)
    syllables = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "is", "ol", "un")]
    words = ["".join(source.choices(syllables, k=source.randint(2, 4))) for _ in range(6000)]
    maintainers = [f"{a.title()} {b.title()} <{a}@example.test>" for a, b in zip(words[:900], words[900:])]
    names, used = [], set()
    while len(names) < count:
        name = "-".join(source.choices(words, k=source.choice((1, 2, 2, 3))))
        name = ("lib" + name) if source.random() < 0.5 else name
        if name not in used:
            used.add(name)
            names.append(name)
    names.sort()
    parent = ""
    for number, name in enumerate(names):
        # Several binary packages come from one source.
        if number % 3 == 0:
            parent = name
        version = f"{source.randint(0, 9)}.{source.randint(0, 40)}.{source.randint(0, 9)}-{source.randint(1, 9)}"
        architecture = source.choice(("amd64", "amd64", "all"))
        lines = [f"Package: {name}"]
        if name != parent:
            lines.append(f"Source: {parent}")
        lines += [f"Version: {version}", f"Installed-Size: {source.randint(20, 90000)}"]
        lines += [f"Maintainer: {source.choice(maintainers)}", f"Architecture: {architecture}"]
        for field, probability, most in (
            ("Provides", 0.15, 8), ("Depends", 0.88, 12), ("Recommends", 0.15, 4), ("Suggests", 0.18, 4)
        ):
            if source.random() < probability:
                # As in an archive, many need the same few, and these need little: what one package needs is a hundred others.
                needed = [names[int(number * source.random() ** 4)] for _ in range(source.randint(1, most))]
                lines.append(f"{field}: " + ", ".join(f"{n} (>= 0.{len(n)})" for n in needed))
        summary = " ".join(source.choices(words, k=source.randint(4, 9)))
        # As in an archive, few words stand in very many summaries.
        if number % 5 == 0:
            summary += " library"
        if number % 7 == 0:
            summary += " development files"
        lines += [f"Description: {summary}", f"Homepage: https://{parent}.example.test/project/{source.choice(words)}/"]
        lines.append("Description-md5: " + hashlib.md5(summary.encode()).hexdigest())
        if source.random() < 0.48:
            lines.append("Tag: role::program, implemented-in::c,\n interface::" + ", use::".join(source.choices(words, k=2)))
        lines += [f"Section: {source.choice(words[:40])}", "Priority: optional", ""]
        letter = parent[:4] if parent.startswith("lib") else parent[0]
        path = f"pool/main/{letter}/{parent}/{name}_{version}_{architecture}.deb"
        yield "\n".join(lines).encode(), path
