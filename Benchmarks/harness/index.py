"""An index of Python packages as files: pages that tell serials, wheels with metadata beside them, source distributions."""

import hashlib
import io
import json
import os
import random
import zipfile


class Index:
    def __init__(self, root):
        self.root = root
        self.serials = {}
        self.files = {}

    def write(self, projects, files, size):
        """So many projects with so many files of so many bytes together; content that does not compress."""
        source = random.Random(1)
        for number in range(projects):
            name = f"project-{number:05d}"
            self.serials[name] = number + 1
            self.files[name] = []
        names = list(self.serials)
        for number in range(files):
            data = source.randbytes(max(64, int(size / files * source.expovariate(1))))
            self.add(names[number % projects], f"{1 + number // projects}.0", data)
        for name in names:
            self._page(name)
        self._list()

    def add(self, name, version, data):
        stem = f"{name.replace('-', '_')}-{version}"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: The project {name}\n".encode()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in ((f"{stem}.dist-info/METADATA", metadata), (f"{stem}/data", data)):
                archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content)
        filename = f"{stem}-py3-none-any.whl"
        path = os.path.join(self.root, "files", name, filename)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        for suffix, content in (("", buffer.getvalue()), (".metadata", metadata)):
            with open(path + suffix, "wb") as file:
                file.write(content)
        self.files[name].append(
            {
                "filename": filename,
                "url": f"../../files/{name}/{filename}",
                "hashes": {"sha256": hashlib.sha256(buffer.getvalue()).hexdigest()},
                "size": len(buffer.getvalue()),
                "requires-python": ">=3.8",
                "upload-time": "2024-01-01T00:00:00.000000Z",
                "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
                "yanked": False,
            }
        )

    def change(self, names):
        """Gives each another small file."""
        for name in names:
            self.add(name, f"{len(self.files[name]) + 1}.5", name.encode())
            self.serials[name] = max(self.serials.values()) + 1
            self._page(name)
        self._list()

    def _write(self, path, value):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            json.dump(value, file)

    def _page(self, name):
        meta = {"api-version": "1.1", "_last-serial": self.serials[name]}
        self._write(f"simple/{name}/index.html", {"meta": meta, "name": name, "files": self.files[name]})

    def _list(self):
        projects = [{"name": name, "_last-serial": serial} for name, serial in self.serials.items()]
        meta = {"api-version": "1.1", "_last-serial": max(self.serials.values())}
        self._write("simple/index.html", {"meta": meta, "projects": projects})
