import Basics
import Glibc

/// A real RPM repository in a temporary directory, made by rpmbuild, createrepo_c, modifyrepo_c and gpg.
///
/// Add packages, `publish()`, serve ``root``; change something, `publish()` again.
public final class RPMUpstream {
    private let home: TemporaryDirectory
    /// What is to be served.
    public let root: String
    public let gpg: GPGHome
    public let key: GPGHome.Key
    /// The public key's file, armored.
    public let keyring: String
    /// Arguments of createrepo_c beside its defaults.
    public var options: [String] = ["--no-database"]
    /// Whether repomd.xml.asc is written.
    public var signsMetadata = true
    /// Documents to be added, by record type and file name: `("updateinfo", "updateinfo.xml", …)`.
    public var documents: [(type: String, name: String, text: String)] = []
    /// comps.xml, for groups.
    public var comps: String?
    private var stamp = 0

    public init(gpg: GPGHome? = nil, key: GPGHome.Key? = nil) throws {
        home = try TemporaryDirectory("rpms")
        root = try home.makeDirectory("mirror")
        self.gpg = try gpg ?? GPGHome()
        // rpm 4.18 verifies RSA with every backend; ed25519 came late.
        self.key = try key ?? self.gpg.makeKey("RPM Upstream", algorithm: "rsa2048")
        keyring = try home.write(self.gpg.exportPublic(self.key), to: "RPM-GPG-KEY")
    }

    /// The absolute path of a file below the root.
    public func path(_ relative: String) -> String { "\(root)/\(relative)" }

    /// Builds a package into `Packages/`, listed from the next publish on; gives its path below the root.
    /// - Parameter signed: whether it gets a signature of its own.
    @discardableResult
    public func add(_ package: RPMPackage, signed: Bool = false, as fileName: String? = nil) throws -> String {
        let relative = "Packages/\(fileName ?? package.fileName)"
        try package.build(to: path(relative))
        if signed { try sign(relative) }
        return relative
    }

    /// Puts a package's own signature into its header (`rpmsign --addsign`).
    public func sign(_ relative: String, by other: GPGHome.Key? = nil) throws {
        try Subprocess.run(
            [
                "rpmsign", "--define", "_gpg_name \((other ?? key).fingerprint)", "--define", "_gpg_path \(gpg.path)",
                "--define", "__gpg /usr/bin/gpg",
                "--addsign", path(relative),
            ], environment: ["GNUPGHOME": gpg.path]
        ).checked()
    }

    /// Takes a file away; metadata names it until the next publish.
    public func remove(_ relative: String) throws { try Files.remove(path(relative)) }

    /// Writes the metadata anew and signs it. Modification times grow by a second at least with each call, as a web server's ETag
    /// needs.
    public func publish() throws {
        stamp = max(time(nil), stamp + 1)
        var arguments = ["createrepo_c", "--quiet", "--set-timestamp-to-revision", "--revision", "\(stamp)"] + options
        if let comps { arguments += ["--groupfile", try home.write(comps, to: "comps.xml")] }
        try Subprocess.run(arguments + [root]).checked()
        for document in documents {
            let file = try home.write(document.text, to: document.name)
            try Subprocess.run(["modifyrepo_c", "--mdtype", document.type, file, path("repodata")]).checked()
        }
        try signMetadata()
    }

    /// Signs repomd.xml as it stands.
    public func signMetadata() throws {
        stamp = max(time(nil), stamp + 1)
        let repomd = path("repodata/repomd.xml")
        try Files.setModified(repomd, stamp)
        let signature = path("repodata/repomd.xml.asc")
        guard signsMetadata else { return try Files.remove(signature) }
        try Files.write(gpg.detachedSign(Files.read(repomd), by: [key]), to: signature)
        try Files.setModified(signature, stamp)
    }

    /// Changes repomd.xml, and signs what comes of it.
    public func rewriteRepomd(_ body: (String) -> String) throws {
        try Files.write(body(Files.text(path("repodata/repomd.xml"))), to: path("repodata/repomd.xml"))
        try signMetadata()
    }

    /// Changes the open bytes of a record, with checksums that hold for what comes of it, and signs that.
    public func rewrite(_ record: String, _ body: ([UInt8]) -> [UInt8]) throws {
        let open = try Subprocess.run(["gzip", "-dc", path(try file(of: record))]).checked().standardOutput
        let changed = home.path("\(record).xml")
        try Files.write(body(open), to: changed)
        try Subprocess.run(["modifyrepo_c", "--mdtype", record, changed, path("repodata")]).checked()
        try signMetadata()
    }

    /// Names below `repodata/`.
    public func metadata() throws -> [String] { try Files.names(path("repodata")) }

    /// The file below the root that a record names.
    public func file(of record: String) throws -> String {
        let text = try Files.text(path("repodata/repomd.xml"))
        let parts = text.split(separator: "<data type=\"\(record)\">", maxSplits: 1)
        guard parts.count == 2, let start = parts[1].split(separator: "href=\"", maxSplits: 1).last,
            let href = start.split(separator: "\"", maxSplits: 1).first
        else { throw ChantalError(.notFound, "repomd.xml has no record \(record)") }
        return String(href)
    }
}
