import Basics

/// A real apt in an environment of its own: no state, configuration, keys or proxy of the machine.
public final class AptClient: Sendable {
    private let home: TemporaryDirectory
    private let configuration: String

    /// - Parameters:
    ///   - sources: lines of sources.list; see ``line(_:suite:components:keyring:options:isSource:)``.
    ///   - architecture: the native one.
    ///   - options: further configuration lines (`Acquire::https::CAInfo "…";`).
    public init(
        sources: [String], architecture: String = "amd64", foreign: [String] = [], options: [String] = []
    ) throws {
        home = try TemporaryDirectory("apt")
        for directory in [
            "state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d",
            "etc/trusted.gpg.d", "etc/sources.list.d", "downloads", "log",
        ] {
            try home.makeDirectory(directory)
        }
        try home.write("", to: "state/status")
        try home.write(sources.joined(separator: "\n") + "\n", to: "etc/sources.list")
        let path = home.path
        let architectures = ([architecture] + foreign).map { "\"\($0)\";" }.joined(separator: " ")
        configuration = try home.write(
            """
            Dir "\(path)/";
            Dir::State "\(path)/state/";
            Dir::State::status "\(path)/state/status";
            Dir::Cache "\(path)/cache/";
            Dir::Etc "\(path)/etc/";
            Dir::Log "\(path)/log/";
            Dir::Bin::methods "/usr/lib/apt/methods";
            Dir::Bin::solvers:: "/usr/lib/apt/solvers";
            Dir::Bin::planners:: "/usr/lib/apt/planners";
            APT::Architecture "\(architecture)";
            APT::Architectures { \(architectures) };
            APT::Sandbox::User "root";
            APT::Install-Recommends "false";
            APT::Update::Error-Mode "any";
            Acquire::http::Proxy "DIRECT";
            Acquire::https::Proxy "DIRECT";
            Acquire::Languages { "en"; };
            Acquire::Retries "0";
            Debug::NoLocking "1";
            Dpkg::Use-Pty "0";
            quiet "1";
            \(options.joined(separator: "\n"))

            """, to: "apt.conf")
    }

    /// A line of sources.list.
    /// - Parameters:
    ///   - suite: with a slash at its end (`./`) it is flat, and has no components.
    ///   - keyring: a file for Signed-By; `[trusted=yes]` if nil.
    ///   - options: further ones (`arch=amd64,i386`).
    public static func line(
        _ url: String, suite: String = "stable", components: [String] = ["main"], keyring: String?,
        options: [String] = [], isSource: Bool = false
    ) -> String {
        let all = [keyring.map { "signed-by=\($0)" } ?? "trusted=yes"] + options
        let parts = suite.hasSuffix("/") ? [] : components
        let words = [isSource ? "deb-src" : "deb", "[\(all.joined(separator: " "))]", url, suite] + parts
        return words.joined(separator: " ")
    }

    /// Replaces the sources.
    public func setSources(_ sources: [String]) throws {
        try home.write(sources.joined(separator: "\n") + "\n", to: "etc/sources.list")
    }

    /// `apt-get update`; any index that it could not get is an error.
    public func update() throws -> ProcessResult { try run("apt-get", "update") }

    /// `apt-get download`; the files are in ``downloads``.
    public func download(_ packages: String...) throws -> ProcessResult {
        try run(["apt-get", "download"] + packages)
    }

    /// `apt-get install --download-only`; the files are in ``archives``.
    public func installDownloadOnly(_ packages: String...) throws -> ProcessResult {
        try run(["apt-get", "--yes", "install", "--download-only"] + packages)
    }

    /// `apt-get source --download-only`; the files are in ``downloads``.
    public func source(_ packages: String...) throws -> ProcessResult {
        try run(["apt-get", "source", "--download-only"] + packages)
    }

    /// Runs one of apt's programs in this environment, in ``downloads``.
    public func run(_ arguments: String...) throws -> ProcessResult { try run(arguments) }

    public func run(_ arguments: [String]) throws -> ProcessResult {
        try Subprocess.run(
            arguments, environment: ["APT_CONFIG": configuration, "DEBIAN_FRONTEND": "noninteractive"],
            directory: home.path("downloads"))
    }

    /// Where `download` and `source` put files.
    public var downloads: String { home.path("downloads") }
    /// Where `installDownloadOnly` puts files.
    public var archives: String { home.path("cache/archives") }
    /// Where `update` puts indices.
    public var lists: String { home.path("state/lists") }

    /// Names of the packages that it has got, in ``archives`` and ``downloads``.
    public func packageFiles() throws -> [String] {
        try (Files.names(archives) + Files.names(downloads)).filter { $0.hasSuffix(".deb") }.sorted()
    }

    /// Forgets all that it has got.
    public func forget() throws {
        for directory in [lists, archives] {
            try Files.remove(directory)
            try Files.makeDirectory("\(directory)/partial")
        }
        try Files.remove(downloads)
        try Files.makeDirectory(downloads)
    }
}
