import Basics

/// A binary package that `dpkg-deb` makes; every field has a usable default.
public struct DebianPackage: Sendable {
    public var name: String
    public var version: String
    public var architecture: String
    /// Name of the source package; its first letter names the pool directory.
    public var source: String
    public var section: String
    public var priority: String
    /// The short text, and after a newline the long one (without leading spaces).
    public var description: String
    /// Further control fields: `Depends`, `Multi-Arch`, `X-Anything`.
    public var fields: [(String, String)]
    /// Bytes of `/usr/share/NAME/content`: other content, other package.
    public var content: [UInt8]
    /// An installer package (`.udeb`).
    public var isUdeb = false
    /// The file's name in the pool; by default `NAME_VERSION_ARCH.deb` without the epoch.
    public var fileName: String

    public init(
        _ name: String, _ version: String = "1.0-1", architecture: String = "amd64", source: String? = nil,
        section: String = "utils", priority: String = "optional",
        description: String = "a package for tests\nIt has a long text,\nof two lines.",
        fields: [(String, String)] = [], content: [UInt8]? = nil, isUdeb: Bool = false, fileName: String? = nil
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.source = source ?? name
        self.section = section
        self.priority = priority
        self.description = description
        self.fields = fields
        self.content = content ?? Array("\(name) \(version)\n".utf8)
        self.isUdeb = isUdeb
        let plain = version.split(separator: ":", maxSplits: 1).last.map(String.init) ?? version
        self.fileName = fileName ?? "\(name)_\(plain)_\(architecture).\(isUdeb ? "udeb" : "deb")"
    }

    var control: String {
        var text = "Package: \(name)\nVersion: \(version)\nArchitecture: \(architecture)\n"
        if source != name { text += "Source: \(source)\n" }
        text += "Maintainer: Test Archive <archive@example.test>\nSection: \(section)\nPriority: \(priority)\n"
        for (field, value) in fields { text += "\(field): \(value)\n" }
        let lines = description.split(separator: "\n", omittingEmptySubsequences: false)
        text += "Description: \(lines[0])\n"
        for line in lines.dropFirst() { text += line.isEmpty ? " .\n" : " \(line)\n" }
        return text
    }

    /// Builds the file (`dpkg-deb --build`, gzip); gives its bytes' path.
    public func build(to path: String) throws {
        let tree = try TemporaryDirectory("deb")
        try tree.write(control, to: "DEBIAN/control")
        try tree.write(content, to: "usr/share/\(name)/content")
        let made = tree.path + ".deb"
        defer { try? Files.remove(made) }
        try Subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--nocheck", "--build", tree.path, made],
            environment: ["SOURCE_DATE_EPOCH": "1700000000"]
        ).checked()
        try Files.copy(made, to: path)
    }
}

/// A source package that `dpkg-source` makes: native, or with an upstream tarball if its version has a revision.
public struct DebianSource: Sendable {
    public var name: String
    public var version: String
    public var section = "utils"

    public init(_ name: String, _ version: String = "1.0-1") {
        self.name = name
        self.version = version
    }

    /// Builds it; gives the files' names in `directory`.
    public func build(to directory: String) throws -> [String] {
        let work = try TemporaryDirectory("dsc")
        let plain = version.split(separator: ":", maxSplits: 1).last.map(String.init) ?? version
        let revision = plain.lastIndex(of: "-")
        let upstream = revision.map { String(plain[..<$0]) } ?? plain
        let tree = "\(name)-\(upstream)"
        try work.write("\(name) \(upstream)\n", to: "\(tree)/README")
        let environment = ["SOURCE_DATE_EPOCH": "1700000000"]
        if revision != nil {
            let tar = ["--sort=name", "--mtime=@1700000000", "--owner=0", "--group=0", "--numeric-owner"]
            let archive = "\(name)_\(upstream).orig.tar.gz"
            try Subprocess.run(
                ["tar"] + tar + ["-I", "gzip -9n", "-cf", archive, tree], directory: work.path
            ).checked()
        }
        let who = "Test Archive <archive@example.test>"
        try work.write(
            """
            Source: \(name)
            Section: \(section)
            Priority: optional
            Maintainer: \(who)
            Standards-Version: 4.6.2

            Package: \(name)
            Architecture: any
            Description: a package for tests
             It has a long text.

            """, to: "\(tree)/debian/control")
        try work.write(
            """
            \(name) (\(version)) unstable; urgency=low

              * Release.

             -- \(who)  Tue, 14 Nov 2023 22:13:20 +0000

            """, to: "\(tree)/debian/changelog")
        let format = revision == nil ? "3.0 (native)" : "3.0 (quilt)"
        try work.write("\(format)\n", to: "\(tree)/debian/source/format")
        try Subprocess.run(
            ["dpkg-source", "-Zgzip", "--build", tree], environment: environment, directory: work.path
        ).checked()
        let names = try Files.names(work.path).filter { !Files.isDirectory(work.path($0)) }
        for file in names { try Files.copy(work.path(file), to: "\(directory)/\(file)") }
        return names
    }
}
