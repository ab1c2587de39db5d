import Basics

/// A real dnf in an environment of its own: an empty root, no repositories, keys or configuration of the machine.
public final class DNFClient: Sendable {
    private let home: TemporaryDirectory
    private let options: [String]

    /// A repository as dnf is told of it.
    public struct Source: Sendable {
        public var name: String
        public var url: String
        /// The public key's file; nil for no `gpgkey`.
        public var key: String?
        public var checksMetadata: Bool
        public var checksPackages: Bool
        /// Whether `url` is that of a mirrorlist.
        public var isMirrorlist = false

        public init(
            _ url: String, name: String = "test", key: String? = nil, checksMetadata: Bool = false,
            checksPackages: Bool = false, isMirrorlist: Bool = false
        ) {
            self.url = url
            self.name = name
            self.key = key
            self.checksMetadata = checksMetadata
            self.checksPackages = checksPackages
            self.isMirrorlist = isMirrorlist
        }

        var text: String {
            """
            [\(name)]
            name=\(name)
            \(isMirrorlist ? "mirrorlist" : "baseurl")=\(url)
            enabled=1
            \(key.map { "gpgkey=file://\($0)" } ?? "")
            repo_gpgcheck=\(checksMetadata ? 1 : 0)
            gpgcheck=\(checksPackages ? 1 : 0)
            metadata_expire=0
            skip_if_unavailable=0

            """
        }
    }

    /// - Parameter platform: the module platform (`el9`).
    public init(_ sources: [Source], architecture: String = "x86_64", release: String = "9", platform: String = "el9")
        throws
    {
        home = try TemporaryDirectory("dnf")
        try home.write(sources.map(\.text).joined(separator: "\n"), to: "repos/test.repo")
        // Without a place for its logs, dnf 4 ends without a word.
        for directory in ["root", "log", "cache", "state"] { try home.makeDirectory(directory) }
        let configuration = try home.write("[main]\nplugins=0\nproxy=\n", to: "dnf.conf")
        options = [
            "-y", "-c", configuration, "--installroot", home.path("root"), "--setopt=reposdir=\(home.path("repos"))",
            "--setopt=cachedir=\(home.path("cache"))", "--setopt=persistdir=\(home.path("state"))",
            "--setopt=logdir=\(home.path("log"))", "--setopt=retries=1",
            "--setopt=module_platform_id=platform:\(platform)",
            "--releasever=\(release)", "--forcearch=\(architecture)",
        ]
    }

    /// `dnf makecache`
    public func makecache() throws -> ProcessResult { try run("makecache") }

    /// `dnf install --downloadonly`; the files are in ``downloads()``.
    public func installDownloadOnly(_ packages: String...) throws -> ProcessResult {
        try run(["install", "--downloadonly", "--setopt=destdir=\(home.path("downloads"))"] + packages)
    }

    /// Names of the packages that it has got.
    public func downloads() throws -> [String] {
        let directory = home.path("downloads")
        return Files.exists(directory) ? try Files.names(directory).filter { $0.hasSuffix(".rpm") } : []
    }

    /// Has it believe that a package is installed: its database of packages gets the header, the root no file.
    public func markInstalled(_ path: String) throws {
        try Subprocess.run(
            ["rpm", "--root", home.path("root"), "-i", "--justdb", "--nodeps", "--nosignature", path],
            // Debian's rpm keeps its database below HOME, and dnf asks rpm where that is.
            environment: ["HOME": home.path]
        ).checked()
    }

    public func run(_ arguments: String...) throws -> ProcessResult { try run(arguments) }

    public func run(_ arguments: [String]) throws -> ProcessResult {
        try Subprocess.run(["dnf"] + options + arguments, environment: ["HOME": home.path])
    }
}
