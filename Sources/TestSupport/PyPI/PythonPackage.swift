import Basics

/// A release of a Python project to be built: wheels for some tags, and a source distribution that builds without a network.
public struct PythonPackage: Sendable {
    public var name: String
    public var version: String
    /// Requires-Dist.
    public var requires: [String]
    public var requiresPython: String?
    /// Wheel tags; none for a source distribution alone.
    public var tags: [String]
    public var hasSource: Bool
    /// Of the source distribution: `build-system.requires`.
    public var buildRequires: [String]
    public var summary: String
    /// Provides-Extra.
    public var extras: [String]
    /// Bytes that do not compress, to make a file large.
    public var padding: Int

    public init(
        _ name: String, _ version: String = "1.0", requires: [String] = [], requiresPython: String? = nil,
        tags: [String] = ["py3-none-any"], hasSource: Bool = false, buildRequires: [String] = [],
        summary: String? = nil, extras: [String] = [], padding: Int = 0
    ) {
        self.name = name
        self.version = version
        self.requires = requires
        self.requiresPython = requiresPython
        self.tags = tags
        self.hasSource = hasSource
        self.buildRequires = buildRequires
        self.summary = summary ?? "The project \(name)"
        self.extras = extras
        self.padding = padding
    }
}

/// Builds packages with Python's own zipfile and tarfile; the same package always has the same bytes.
enum PythonPackageBuilder {
    static let script = #"""
        words = "base64 gzip hashlib io json os random re sys tarfile zipfile".split()
        base64, gzip, hashlib, io, json, os, random, re, sys, tarfile, zipfile = map(__import__, words)

        def wheel_bytes(members):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in members:
                    archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
            return buffer.getvalue()

        def metadata(p):
            lines = ["Metadata-Version: 2.1", "Name: " + p["name"], "Version: " + p["version"], "Summary: " + p["summary"],
                     "License: MIT", "Home-page: https://example.org/" + p["name"]]
            if p["requires_python"]: lines.append("Requires-Python: " + p["requires_python"])
            lines += ["Provides-Extra: " + e for e in p["extras"]] + ["Requires-Dist: " + r for r in p["requires"]]
            return ("\n".join(lines) + "\n\nLong words about " + p["name"] + ".\n").encode()

        def contents(p, module):
            code = "version = %r\n" % p["version"]
            members = [(module + "/__init__.py", code.encode())]
            if p["padding"]: members.append((module + "/data.bin", random.Random(p["name"] + p["version"]).randbytes(p["padding"])))
            return members

        def record(members, name):
            rows = ["%s,sha256=%s,%d" % (n, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b"=").decode(), len(d))
                    for n, d in members]
            return ("\n".join(rows + [name + ",,"]) + "\n").encode()

        def wheel(p, tag):
            module = re.sub(r"[-_.]+", "_", p["name"]).lower()
            info = "%s-%s.dist-info" % (module, p["version"])
            members = contents(p, module) + [
                (info + "/METADATA", metadata(p)),
                (info + "/WHEEL", ("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: %s\n" % tag).encode())]
            members.append((info + "/RECORD", record(members, info + "/RECORD")))
            return "%s-%s-%s.whl" % (module, p["version"], tag), wheel_bytes(members)

        BACKEND = "\n".join([
            "import json, os, zipfile",
            "package = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'package.json')))",
            "def get_requires_for_build_wheel(config_settings=None): return []",
            "def build_wheel(directory, config_settings=None, metadata_directory=None):",
            "    with zipfile.ZipFile(os.path.join(directory, package['wheel']), 'w') as archive:",
            "        for name, data in package['members']: archive.writestr(name, data)",
            "    return package['wheel']", ""])

        def source(p):
            module = re.sub(r"[-_.]+", "_", p["name"]).lower()
            info = "%s-%s.dist-info" % (module, p["version"])
            members = [(module + "/__init__.py", b"version = %r" % p["version"].encode()), (info + "/METADATA", metadata(p)),
                       (info + "/WHEEL", b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")]
            members.append((info + "/RECORD", record(members, info + "/RECORD")))
            top = "%s-%s" % (module, p["version"])
            project = ('[build-system]\nrequires = %s\nbuild-backend = "backend"\nbackend-path = ["."]\n' % json.dumps(p["build_requires"])).encode()
            package = json.dumps({"wheel": top + "-py3-none-any.whl", "members": [(n, d.decode()) for n, d in members]}).encode()
            raw = io.BytesIO()
            with tarfile.open(fileobj=raw, mode="w") as archive:
                for name, data in [("PKG-INFO", metadata(p)), ("pyproject.toml", project), ("backend.py", BACKEND.encode()), ("package.json", package)]:
                    member = tarfile.TarInfo(top + "/" + name)
                    member.size, member.mtime = len(data), 1704067200
                    archive.addfile(member, io.BytesIO(data))
            return top + ".tar.gz", gzip.compress(raw.getvalue(), mtime=0)

        job = json.load(sys.stdin)
        for p in job["packages"]:
            project = re.sub(r"[-_.]+", "-", p["name"]).lower()
            folder = os.path.join(job["root"], "files", project)
            os.makedirs(folder, exist_ok=True)
            for filename, data in [wheel(p, tag) for tag in p["tags"]] + ([source(p)] if p["source"] else []):
                with open(os.path.join(folder, filename), "wb") as file: file.write(data)
                digest = "-"
                if filename.endswith(".whl"):
                    with open(os.path.join(folder, filename + ".metadata"), "wb") as file: file.write(metadata(p))
                    digest = hashlib.sha256(metadata(p)).hexdigest()
                print(project, filename, hashlib.sha256(data).hexdigest(), len(data), digest, p["requires_python"] or "-", sep="\t")
        """#

    /// Builds below `root/files/PROJECT/`.
    static func build(_ packages: [PythonPackage], root: String) throws -> [PyPIUpstream.File] {
        let input: JSONValue = [
            "root": .string(root),
            "packages": .array(
                packages.map { package in
                    [
                        "name": .string(package.name), "version": .string(package.version),
                        "requires": .array(package.requires.map { .string($0) }),
                        "requires_python": package.requiresPython.map { .string($0) } ?? .null,
                        "tags": .array(package.tags.map { .string($0) }), "source": .bool(package.hasSource),
                        "build_requires": .array(package.buildRequires.map { .string($0) }),
                        "summary": .string(package.summary), "extras": .array(package.extras.map { .string($0) }),
                        "padding": .integer(Int64(package.padding)),
                    ]
                }),
        ]
        let output = try Subprocess.run(["python3", "-c", script], stdin: input.encoded()).checked()
        return output.stdout.split(separator: "\n").map { line in
            let words = line.split(separator: "\t").map(String.init)
            var file = PyPIUpstream.File(project: words[0], filename: words[1])
            file.sha256 = words[2]
            file.size = Int64(words[3])
            file.metadata = words[4] == "-" ? nil : words[4]
            file.requiresPython = words[5] == "-" ? nil : words[5]
            return file
        }
    }
}
