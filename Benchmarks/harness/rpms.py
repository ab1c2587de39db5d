"""Makes RPM packages and repositories, thousands in a second: rpmbuild needs a tenth of a second for one."""

import gzip
import hashlib
import os
import random
import struct

INT16, INT32, STRING, BINARY, ARRAY, TRANSLATED = 3, 4, 6, 7, 8, 9
WIDTHS = {INT16: ("H", 2), INT32: ("I", 4)}


def header(region, values):
    """A header structure: (tag, type, value), in the order of the tags, within a region that covers it all."""
    index, data = b"", b""
    for tag, kind, value in values:
        if kind in WIDTHS:
            letter, width = WIDTHS[kind]
            data += b"\0" * (-len(data) % width)
            count, content = len(value), struct.pack(f">{len(value)}{letter}", *value)
        elif kind == BINARY:
            count, content = len(value), value
        else:
            texts = value if kind == ARRAY else [value]
            count, content = len(texts), b"".join(text.encode() + b"\0" for text in texts)
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += content
    entries = len(values) + 1
    first = struct.pack(">IIII", region, BINARY, len(data), 16)
    data += struct.pack(">IIiI", region, BINARY, -16 * entries, 16)
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", entries, len(data)) + first + index + data


def package(name, version, release, payload, source, key=None):
    """A package file of rpm 4.14's format, its header signed by a key, and what a repository says of it."""
    nvr = f"{name}-{version}-{release}"
    files = [f"file-{number}" for number in range(source.randrange(4, 40))]
    requires = ["/bin/sh"] + [f"lib{name[-2:]}{number}.so()(64bit)" for number in range(source.randrange(2, 12))]
    main = header(
        63,
        [
            (100, ARRAY, ["C"]),
            (1000, STRING, name),
            (1001, STRING, version),
            (1002, STRING, release),
            (1004, TRANSLATED, f"The package {name} of the benchmark"),
            (1005, TRANSLATED, f"{name} is here\nto be mirrored, and for nothing else. " * 3),
            (1006, INT32, [1700000000]),
            (1007, STRING, "builder.example.test"),
            (1009, INT32, [len(payload) * 3]),
            (1014, STRING, "MIT"),
            (1016, TRANSLATED, "Unspecified"),
            (1020, STRING, f"https://example.test/{name}"),
            (1021, STRING, "linux"),
            (1022, STRING, "x86_64"),
            (1028, INT32, [100] * len(files)),
            (1030, INT16, [0o100644] * len(files)),
            (1037, INT32, [0] * len(files)),
            (1044, STRING, f"{nvr}.src.rpm"),
            (1047, ARRAY, [name, f"{name}(x86-64)"]),
            (1048, INT32, [0] * len(requires)),
            (1049, ARRAY, requires),
            (1050, ARRAY, [""] * len(requires)),
            (1080, INT32, [1690000000 - 86400 * number for number in range(10)]),
            (1081, ARRAY, [f"Packager <packager@example.test> - {version}-{number}" for number in range(10)]),
            (1082, ARRAY, [f"- change {number} of {name}" for number in range(10)]),
            (1112, INT32, [8, 8]),
            (1113, ARRAY, [f"{version}-{release}"] * 2),
            (1116, INT32, [number % 2 for number in range(len(files))]),
            (1117, ARRAY, files),
            (1118, ARRAY, ["/usr/bin/", f"/usr/share/{name}/"]),
            (1124, STRING, "cpio"),
            (1125, STRING, "zstd"),
            (5092, ARRAY, [hashlib.sha256(payload).hexdigest()]),
            (5093, INT32, [8]),
        ],
    )
    signatures = [(268, BINARY, key.signature(main))] if key else []
    signatures += [
        (269, STRING, hashlib.sha1(main).hexdigest()),
        (273, STRING, hashlib.sha256(main).hexdigest()),
        (1000, INT32, [len(main) + len(payload)]),
        (1004, BINARY, hashlib.md5(main + payload).digest()),
    ]
    front = header(62, signatures)
    lead = b"\xed\xab\xee\xdb\3\0" + struct.pack(">HH66sHH16x", 0, 1, nvr.encode()[:65], 1, 5)
    return lead + front + b"\0" * (-len(front) % 8) + main + payload


def write_packages(directory, count, total_bytes, key, seed=1):
    """Packages with sizes as distributions have them: many small ones, few large ones."""
    source = random.Random(seed)
    sizes = [source.lognormvariate(0, 1.3) for _ in range(count)]
    unit = (total_bytes - 4096 * count) / sum(sizes)
    os.makedirs(os.path.join(directory, "Packages"))
    for number, size in enumerate(sizes):
        content = package(f"package-{number:04}", f"1.{number % 7}", "1.el9", source.randbytes(int(size * unit)), source, key)
        with open(os.path.join(directory, f"Packages/package-{number:04}-1.{number % 7}-1.el9.x86_64.rpm"), "wb") as file:
            file.write(content)


# What one package of a distribution has in the three documents: 142, 275 and 100 MB of 60,000.
FILES, PROVIDES, REQUIRES, CHANGES = 55, 4, 10, 9


def write_metadata(directory, count):
    """A repository of tiny files with the metadata of a whole distribution."""
    os.makedirs(os.path.join(directory, "Packages"))
    os.makedirs(os.path.join(directory, "repodata"))
    documents = {
        "primary": 'metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
        "filelists": 'filelists xmlns="http://linux.duke.edu/metadata/filelists"',
        "other": 'otherdata xmlns="http://linux.duke.edu/metadata/other"',
    }
    writers = {name: Document(directory, name, root, count) for name, root in documents.items()}
    for number in range(count):
        name = f"package-{number:05}"
        content = f"{name}\n".encode()
        place = f"Packages/{name}-1.0-{number % 9}.el9.x86_64.rpm"
        with open(os.path.join(directory, place), "wb") as file:
            file.write(content)
        digest = hashlib.sha256(content).hexdigest()
        writers["primary"].write(_primary(name, number, digest, len(content), place))
        head = f'<package pkgid="{digest}" name="{name}" arch="x86_64">\n  <version epoch="0" ver="1.0" rel="{number % 9}.el9"/>\n'
        files = "".join(
            f"  <file>/usr/share/{name}/some/directory/of/it/file-number-{part}.data</file>\n" for part in range(FILES)
        )
        writers["filelists"].write(f"{head}{files}</package>\n")
        changes = "".join(
            f'  <changelog author="Packager Number {part} &lt;packager@example.test&gt; - 1.0-{part}" date="{1690000000 + part}">'
            f"- change {part} of {name}: rebuilt for all that came</changelog>\n"
            for part in range(CHANGES)
        )
        writers["other"].write(f"{head}{changes}</package>\n")
    records = "".join(writer.close() for writer in writers.values())
    with open(os.path.join(directory, "repodata/repomd.xml"), "w") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">\n'
            f"<revision>1700000000</revision>\n{records}</repomd>\n"
        )


def _primary(name, number, digest, size, place):
    def entries(kind, count, text):
        lines = "".join(f'      <rpm:entry name="{text}{part}" flags="EQ" epoch="0" ver="1.{part}" rel="1"/>\n' for part in range(count))
        return f"    <rpm:{kind}>\n{lines}    </rpm:{kind}>\n"

    return (
        f'<package type="rpm">\n  <name>{name}</name>\n  <arch>x86_64</arch>\n'
        f'  <version epoch="0" ver="1.0" rel="{number % 9}.el9"/>\n'
        f'  <checksum type="sha256" pkgid="YES">{digest}</checksum>\n'
        f"  <summary>Package {number} of a whole distribution with {WORDS[number % len(WORDS)]}</summary>\n"
        f"  <description>{name} is described at some length, so that the text has the size that real ones have.\n"
        f"It goes on for a second line, and ends there.</description>\n"
        f"  <packager>Packager</packager>\n  <url>https://example.test/{name}</url>\n"
        f'  <time file="1700000000" build="1690000000"/>\n  <size package="{size}" installed="9" archive="9"/>\n'
        f'  <location href="{place}"/>\n  <format>\n    <rpm:license>MIT</rpm:license>\n    <rpm:vendor>Nobody</rpm:vendor>\n'
        f"    <rpm:group>Unspecified</rpm:group>\n    <rpm:buildhost>builder.example.test</rpm:buildhost>\n"
        f'    <rpm:sourcerpm>{name}-1.0-1.src.rpm</rpm:sourcerpm>\n    <rpm:header-range start="4504" end="9000"/>\n'
        + entries("provides", PROVIDES, f"{name}-part-")
        + entries("requires", REQUIRES, "library-needed-by-many-")
        + f"    <file>/usr/bin/{name}</file>\n  </format>\n</package>\n"
    )


WORDS = ["libraries", "headers", "fonts", "translations", "documentation", "plugins", "examples"]


class Document:
    """One of the three documents, compressed while it is written, under a name by its checksum."""

    def __init__(self, directory, kind, root, count):
        self.kind, self.element = kind, root.split()[0]
        self.directory = directory
        self.path = os.path.join(directory, f"repodata/{kind}.new")
        self.file = gzip.GzipFile(filename="", fileobj=open(self.path, "wb"), mode="wb", compresslevel=1, mtime=0)
        self.open_digest, self.open_size = hashlib.sha256(), 0
        self.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} packages="{count}">\n')

    def write(self, text):
        content = text.encode()
        self.open_digest.update(content)
        self.open_size += len(content)
        self.file.write(content)

    def close(self):
        """Its record in repomd.xml."""
        self.write(f"</{self.element}>\n")
        inner = self.file.fileobj
        self.file.close()
        inner.close()
        with open(self.path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.path.getsize(self.path)
        place = f"repodata/{digest}-{self.kind}.xml.gz"
        os.rename(self.path, os.path.join(self.directory, place))
        return (
            f'<data type="{self.kind}"><checksum type="sha256">{digest}</checksum>'
            f'<open-checksum type="sha256">{self.open_digest.hexdigest()}</open-checksum><location href="{place}"/>'
            f"<timestamp>1700000000</timestamp><size>{size}</size><open-size>{self.open_size}</open-size></data>\n"
        )
