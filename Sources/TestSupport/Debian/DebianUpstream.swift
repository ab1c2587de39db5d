import Basics
import Glibc

/// A real Debian-style repository in a temporary directory, made by dpkg-deb, dpkg-source, apt-ftparchive and gpg.
///
/// Add packages, `publish()`, serve ``root``; change something, `publish()` again.
public final class DebianUpstream {
    /// A file of the pool and where it is listed.
    struct Member {
        let suite: String
        let component: String
        let path: String
        let name: String
        let architecture: String
        let isUdeb: Bool
        let description: String
    }

    private let home: TemporaryDirectory
    /// What is to be served.
    public let root: String
    public let gpg: GPGHome
    public let key: GPGHome.Key
    /// The public key's file, binary.
    public let keyring: String
    /// The public key's file, armored.
    public let armoredKeyring: String

    public var suites: [DebianSuite]
    /// Changes an index's plain bytes before it is compressed and listed: for what no tool would write.
    /// Gets the path below the suite's directory.
    public var rewriteIndex: ((String, [UInt8]) -> [UInt8])?
    /// Changes Release before it is signed.
    public var rewriteRelease: ((String) -> String)?

    var binaries: [Member] = []
    var sources: [Member] = []
    /// The plain Packages of the publish before, for pdiffs; by path below the root.
    var formerPackages: [String: [UInt8]] = [:]
    private var stamp = 0

    /// - Parameters:
    ///   - gpg: a home that several upstreams may share; a new one if nil.
    ///   - key: a key of it; a new one if nil.
    public init(
        _ suites: [DebianSuite] = [DebianSuite("stable")], gpg: GPGHome? = nil, key: GPGHome.Key? = nil
    ) throws {
        home = try TemporaryDirectory("upstream")
        root = try home.makeDirectory("mirror")
        self.suites = suites
        self.gpg = try gpg ?? GPGHome()
        self.key = try key ?? self.gpg.makeKey()
        keyring = try home.write(self.gpg.exportPublic(self.key, armored: false), to: "archive.gpg")
        armoredKeyring = try home.write(self.gpg.exportPublic(self.key), to: "archive.asc")
    }

    /// The absolute path of a file below the root.
    public func path(_ relative: String) -> String { "\(root)/\(relative)" }

    /// The suite of that name; the first if nil.
    public func suite(_ name: String? = nil) throws -> DebianSuite {
        guard let suite = suites.first(where: { name == nil || $0.name == name }) else {
            throw ChantalError(.notFound, "no suite \(name ?? "at all")")
        }
        return suite
    }

    /// Changes a suite's description.
    public func change(_ name: String? = nil, _ body: (inout DebianSuite) -> Void) throws {
        let name = try suite(name).name
        for index in suites.indices where suites[index].name == name { body(&suites[index]) }
    }

    // MARK: Packages

    /// Builds a package and lists it from the next publish on; gives its path below the root.
    ///
    /// A file that is in the pool already is replaced: the vendor's repack.
    /// - Parameter fast: writes the file without dpkg-deb.
    @discardableResult
    public func add(
        _ package: DebianPackage, suite name: String? = nil, component: String? = nil, fast: Bool = false
    ) throws -> String {
        let suite = try suite(name)
        let component = component ?? suite.components[0]
        let path = poolDirectory(suite, component, package.source) + package.fileName
        try fast ? package.assemble(to: self.path(path)) : package.build(to: self.path(path))
        include(package, path, suite, component)
        return path
    }

    /// Lists a package that another suite has as well: one file, two indices.
    public func share(_ package: DebianPackage, path: String, suite name: String, component: String? = nil) throws {
        let suite = try suite(name)
        include(package, path, suite, component ?? suite.components[0])
    }

    private func include(_ package: DebianPackage, _ path: String, _ suite: DebianSuite, _ component: String) {
        binaries.removeAll { $0.suite == suite.name && $0.path == path }
        binaries.append(
            Member(
                suite: suite.name, component: component, path: path, name: package.name,
                architecture: package.architecture, isUdeb: package.isUdeb, description: package.description))
    }

    /// Builds a source package and lists it from the next publish on; gives the paths of its files.
    @discardableResult
    public func add(_ source: DebianSource, suite name: String? = nil, component: String? = nil) throws -> [String] {
        let suite = try suite(name)
        let component = component ?? suite.components[0]
        let directory = poolDirectory(suite, component, source.name)
        let paths = try source.build(to: path(directory.isEmpty ? "." : directory)).map { directory + $0 }
        guard let dsc = paths.first(where: { $0.hasSuffix(".dsc") }) else {
            throw ChantalError(.io, "dpkg-source wrote no .dsc")
        }
        sources.append(
            Member(
                suite: suite.name, component: component, path: dsc, name: source.name, architecture: "source",
                isUdeb: false, description: ""))
        return paths
    }

    /// Takes packages of a name out of the indices of a suite (all suites if nil), and their files away unless still listed.
    public func remove(_ name: String, suite: String? = nil, keepFiles: Bool = false) throws {
        let gone = binaries.filter { $0.name == name && (suite == nil || $0.suite == suite) }
        binaries.removeAll { $0.name == name && (suite == nil || $0.suite == suite) }
        sources.removeAll { $0.name == name && (suite == nil || $0.suite == suite) }
        for member in gone where !keepFiles && !binaries.contains(where: { $0.path == member.path }) {
            try Files.remove(path(member.path))
        }
    }

    private func poolDirectory(_ suite: DebianSuite, _ component: String, _ source: String) -> String {
        if suite.isFlat { return suite.directory.isEmpty ? "" : suite.directory + "/" }
        let prefix = source.hasPrefix("lib") ? source.prefix(4) : source.prefix(1)
        return "pool/\(component)/\(prefix)/\(source)/"
    }

    // MARK: Publishing

    /// Writes all indices, Release, its signatures and by-hash files of some suites (all if nil).
    ///
    /// Files of earlier by-hash names stay. Modification times grow by a second at least with each call, as a web server's
    /// ETag needs.
    public func publish(_ names: [String]? = nil) throws {
        stamp = max(time(nil), stamp + 1)
        let stanzas = try DebianIndices.stanzas(root: root, translated: false)
        let short = try DebianIndices.stanzas(root: root, translated: true)
        for suite in suites where names?.contains(suite.name) ?? true {
            var indices = DebianIndices(upstream: self, suite: suite)
            try indices.write(long: stanzas, short: short)
            for file in try indices.compress() { try Files.setModified(path(file), stamp) }
            try sign(suite, release: DebianRelease.text(self, suite, now: Timestamp(seconds: Int64(stamp))))
        }
    }

    /// Signs the Release of a suite anew, as its description says now; the indices stay.
    public func resign(_ name: String? = nil) throws {
        let suite = try suite(name)
        stamp = max(time(nil), stamp + 1)
        try sign(suite, release: DebianRelease.text(self, suite, now: Timestamp(seconds: Int64(stamp))))
    }

    private func sign(_ suite: DebianSuite, release: String) throws {
        let release = Array((rewriteRelease?(release) ?? release).utf8)
        let keys = suite.signers ?? [key]
        let digest = suite.signatureDigest
        var written = ["Release"]
        try Files.write(release, to: path(suite.path("Release")))
        if suite.writesInRelease {
            let text = try gpg.clearsign(release, by: keys, at: suite.signedAt, digest: digest)
            try Files.write(text, to: path(suite.path("InRelease")))
            written.append("InRelease")
        } else {
            try Files.remove(path(suite.path("InRelease")))
        }
        if suite.writesReleaseGPG {
            let signature = try gpg.detachedSign(release, by: keys, at: suite.signedAt, digest: digest)
            try Files.write(signature, to: path(suite.path("Release.gpg")))
            written.append("Release.gpg")
        } else {
            try Files.remove(path(suite.path("Release.gpg")))
        }
        for name in written { try Files.setModified(path(suite.path(name)), stamp) }
    }

    // MARK: Damage

    /// Inverts a byte of a file and of its by-hash copies, with a new modification time, as if it had been put there so.
    /// - Parameter offset: from the end if negative.
    public func corrupt(_ relative: String, at offset: Int) throws {
        let before = try Files.read(path(relative))
        var after = before
        let index = offset < 0 ? before.count + offset : offset
        after[index] = ~after[index]
        try replace(relative, before, after)
    }

    /// Takes bytes off the end of a file and of its by-hash copies.
    public func truncate(_ relative: String, by count: Int = 1) throws {
        let before = try Files.read(path(relative))
        try replace(relative, before, Array(before.dropLast(count)))
    }

    private func replace(_ relative: String, _ before: [UInt8], _ after: [UInt8]) throws {
        stamp = max(time(nil), stamp + 1)
        for file in [relative] + byHashNames(beside: relative) where try Files.read(path(file)) == before {
            try Files.write(after, to: path(file))
            try Files.setModified(path(file), stamp)
        }
    }

    /// Removes a file and its by-hash copies; Release goes on listing it.
    public func lose(_ relative: String) throws {
        let before = try Files.read(path(relative))
        for file in byHashNames(beside: relative) where try Files.read(path(file)) == before {
            try Files.remove(path(file))
        }
        try Files.remove(path(relative))
    }

    private func byHashNames(beside relative: String) -> [String] {
        let directory = relative.lastIndex(of: "/").map { String(relative[...$0]) } ?? ""
        guard let names = try? Files.walk(path(directory + "by-hash")) else { return [] }
        return names.map { "\(directory)by-hash/\($0)" }
    }

    /// Lets a suite's Release have expired, and signs it.
    public func expire(_ name: String? = nil) throws {
        let past = Timestamp(seconds: Int64(time(nil)) - 86_400)
        try change(name) {
            $0.validUntil = past
            $0.date = past + -86_400
        }
        try resign(name)
    }

    /// Moves a suite's Date by some seconds from now, and signs it.
    public func setDate(_ name: String? = nil, secondsFromNow: Int64) throws {
        try change(name) { $0.date = Timestamp(seconds: Int64(time(nil)) + secondsFromNow) }
        try resign(name)
    }
}
