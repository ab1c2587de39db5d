import Basics
import Glibc

/// A real pip or uv in an environment of its own: no index, configuration or cache of the machine.
///
/// The programs are installed once, below `.build/clients`, from the index that the machine's own pip is set up for.
public final class PythonClient: Sendable {
    public enum Tool: String, Sendable, CaseIterable {
        case pip
        /// The first that reads JSON pages.
        case pip22 = "pip==22.3.1"
        /// Reads HTML pages only.
        case pip20 = "pip==20.3.4"
        case uv
    }

    public let tool: Tool
    private let program: String
    private let home: TemporaryDirectory

    public init(_ tool: Tool) throws {
        self.tool = tool
        home = try TemporaryDirectory("python")
        program = try PythonClient.installed(tool)
    }

    /// A directory of its own.
    public func path(_ relative: String) -> String { home.path(relative) }

    /// `pip download` into ``downloads``.
    public func download(_ index: String, _ words: String...) throws -> ProcessResult {
        try run(["download", "--no-cache-dir", "--dest", downloads] + options(index) + words)
    }

    /// Installs into ``target``: `pip install --target`, or `uv pip install --target`.
    public func install(_ index: String, _ words: String...) throws -> ProcessResult {
        let verb = tool == .uv ? ["pip", "install"] : ["install", "--no-cache-dir"]
        return try run(verb + ["--target", target] + options(index) + words)
    }

    /// `uv pip compile`, of requirements given as text.
    public func compile(_ index: String, _ requirements: String, _ words: String...) throws -> ProcessResult {
        let file = try home.write(requirements, to: "requirements.in")
        return try run(["pip", "compile", "--no-header", file] + options(index) + words)
    }

    private func options(_ index: String) -> [String] {
        tool == .uv ? ["--default-index", index] : ["--index-url", index]
    }

    /// Runs it with any arguments.
    public func run(_ arguments: [String]) throws -> ProcessResult {
        try Subprocess.run(
            [program] + arguments,
            environment: [
                "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1",
                "PIP_RETRIES": "0", "UV_NO_CONFIG": "1", "UV_CACHE_DIR": home.path("cache"),
                "UV_PYTHON_DOWNLOADS": "never", "UV_HTTP_RETRIES": "0",
            ], directory: home.path)
    }

    public var downloads: String { home.path("downloads") }
    public var target: String { home.path("target") }

    /// Names of the files that were downloaded.
    public func downloaded() throws -> [String] { Files.exists(downloads) ? try Files.names(downloads) : [] }

    /// What was installed: `name version`, from the names of the .dist-info directories.
    public func installed() throws -> [String] {
        guard Files.exists(target) else { return [] }
        return try Files.names(target).filter { $0.hasSuffix(".dist-info") }
            .map { $0.dropLast(".dist-info".count).split(separator: "-").joined(separator: " ") }.sorted()
    }

    /// Forgets what it has got, and its cache.
    public func forget() throws {
        for directory in [downloads, target, path("cache")] { try Files.remove(directory) }
    }
}

extension PythonClient {
    /// The program, installed if it is not there yet. Of several processes one installs.
    private static func installed(_ tool: Tool) throws -> String {
        let home = Project.path(".build/clients/\(tool.rawValue)")
        let program = "\(home)/bin/\(tool == .uv ? "uv" : "pip")"
        let done = "\(home)/installed"
        if Files.exists(done) { return program }
        try Files.makeDirectory(Project.path(".build/clients"))
        let lock = open(Project.path(".build/clients/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw systemError("open", ".build/clients/lock") }
        defer { close(lock) }
        guard retrying({ flock(lock, LOCK_EX) }) == 0 else { throw systemError("flock", ".build/clients/lock") }
        if Files.exists(done) { return program }
        try Files.remove(home)
        try Subprocess.run(["python3", "-m", "venv", home]).checked()
        // How this machine reaches an index is its own affair.
        var settings: [String: String] = [:]
        for name in [
            "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "PIP_PROXY", "http_proxy", "https_proxy", "no_proxy",
        ] {
            if let value = getenv(name) { settings[name] = String(cString: value) }
        }
        let wanted = tool == .pip ? ["--upgrade", "pip"] : [tool.rawValue]
        try Subprocess.run(["\(home)/bin/python", "-m", "pip", "install", "--quiet"] + wanted, environment: settings)
            .checked()
        try Files.write("", to: done)
        return program
    }
}
