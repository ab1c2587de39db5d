import Basics
import Foundation
import Store
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// A store with one hosted repository, unsigned.
final class HostedFixture {
    let home: TestSupport.TemporaryDirectory
    let observer = WarningListener()
    /// Lines of the repository's section.
    var section: [String]

    init(_ section: String...) throws {
        home = try TestSupport.TemporaryDirectory("hosted")
        self.section = section
        _ = try StoreDirectory.create(at: home.path("store"))
    }

    func engine() throws -> Engine {
        let lines = ["store: store", "repositories:", "  ours:", "    type: apt", "    sign: false"]
        let path = try home.write(
            (lines + section.map { "    \($0)" }).joined(separator: "\n") + "\n", to: "chantal.yaml")
        return Engine(
            configuration: try Configuration.load(
                path: path, ecosystems: [APTEcosystem.declaration], environment: [:]),
            store: try StoreDirectory.open(at: home.path("store")),
            ecosystems: EcosystemRegistry([APTEcosystem.self]), cancellation: Cancellation(), observer: observer)
    }

    func add(_ files: String..., configure: (inout HostingOptions) -> Void = { _ in }) throws -> SyncReport {
        let engine = try engine()
        var options = HostingOptions()
        configure(&options)
        return try engine.add(files, to: engine.configuration.repositories[0], options)
    }

    func remove(_ words: String..., configure: (inout HostingOptions) -> Void = { _ in }) throws -> SyncReport {
        let engine = try engine()
        var options = HostingOptions()
        configure(&options)
        return try engine.remove(words, from: engine.configuration.repositories[0], options)
    }

    func sync() throws -> SyncReport {
        let engine = try engine()
        return engine.sync(engine.configuration.repositories[0], SyncOptions())
    }

    /// Builds a package that dpkg-deb makes.
    func deb(_ package: DebianPackage, in folder: String = "build") throws -> String {
        try home.makeDirectory(folder)
        let path = home.path("\(folder)/\(package.fileName)")
        try package.build(to: path)
        return path
    }

    /// Makes a file that looks like a package.
    /// - Parameters:
    ///   - control: members of the control archive, by name; a name that begins with `@` is a symbolic link.
    ///   - compression: of the control archive, as the ending of its name.
    ///   - parts: what the file is made of, in order: `binary`, `control`, `data`, or anything else.
    func made(
        control: [(name: String, content: String)], compression: String = "gz",
        parts: [String] = ["binary", "control", "data"], as name: String = "made.deb"
    ) throws -> String {
        let path = home.path(name)
        let job: JSONValue = [
            "control": .array(control.map { .array([.string($0.name), .string($0.content)]) }),
            "compression": .string(compression), "parts": .array(parts.map { .string($0) }), "path": .string(path),
        ]
        try Subprocess.run(["python3", "-c", HostedFixture.maker], stdin: job.encoded()).checked()
        return path
    }

    private static let maker = #"""
        import io, json, subprocess, sys, tarfile
        job = json.load(sys.stdin)
        def tar(members):
            raw = io.BytesIO()
            with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
                for name, content in members:
                    entry = tarfile.TarInfo(name.lstrip("@"))
                    if name.startswith("@"):
                        entry.type, entry.linkname = tarfile.SYMTYPE, content
                        archive.addfile(entry)
                        continue
                    data = content.encode()
                    if content.startswith("#zeros "): data = b"\0" * int(content.split()[1])
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
            return raw.getvalue()
        tools = {"gz": ["gzip", "-1"], "xz": ["xz", "-0"], "zst": ["zstd", "-1"], "": ["cat"]}
        def packed(data): return subprocess.run(tools[job["compression"]], input=data, stdout=subprocess.PIPE, check=True).stdout
        ending = "." + job["compression"] if job["compression"] else ""
        parts = {"binary": ("debian-binary", b"2.0\n"), "control": ("control.tar" + ending, packed(tar(job["control"]))),
                 "data": ("data.tar", tar([("./usr/share/doc/x", "x")]))}
        out = b"!<arch>\n"
        for part in job["parts"]:
            name, data = parts.get(part, (part, b"anything"))
            out += ("%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name, 0, 0, 0, "100644", len(data))).encode() + data
            if len(data) % 2: out += b"\n"
        open(job["path"], "wb").write(out)
        """#

    static let control =
        "Package: hello\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: A <a@example.test>\nDescription: x\n"

    func text(_ path: String) throws -> String { try Files.text(home.path("store/public/ours/\(path)")) }

    func paths() throws -> [String] {
        try Files.walk(home.path("store/public/\(Files.linkTarget(home.path("store/public/ours")))")).sorted()
    }
}
