import Basics
import Store

/// A file that a user adds to a hosted repository: staged with its checksums, and nothing known of it but its name.
public struct Upload: Sendable {
    /// The last part of its path.
    public let name: String
    /// As the user wrote it, for messages.
    public let path: String
    public let stored: StoredFile
    /// MD5, SHA-256 and SHA-512 of its bytes.
    public let checksums: [Checksum]

    static let algorithms: Set<ChecksumAlgorithm> = [.md5, .sha512]

    public init(name: String, path: String, stored: StoredFile, checksums: [Checksum]) {
        self.name = name
        self.path = path
        self.stored = stored
        self.checksums = checksums
    }

    /// Its checksum by an algorithm of these three.
    public func checksum(_ algorithm: ChecksumAlgorithm) -> Checksum? { checksums.first { $0.algorithm == algorithm } }

    /// - Throws: ``ChantalError`` naming the file, with what is wrong below.
    public func reading<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as ChantalError where error.code != .interrupted {
            var named = error.within("'\(path)' is refused")
            named.path = path
            throw named
        }
    }

    /// The error that refuses it.
    public func refused(_ code: ChantalError.Code = .malformed, _ reason: String, hint: String? = nil) -> ChantalError {
        ChantalError(code, "'\(path)' is refused: \(reason)", hint: hint, path: path)
    }
}

/// What becomes of a hosted repository: files added, packages removed, all or none.
public struct Revision {
    public let uploads: [Upload]
    public let removals: Removals
    /// Whether a package may take the place of one with the same identity and other bytes (`--force`).
    public let replaces: Bool
    /// Where the ecosystem divides a repository: the suite and the component to add to, or to remove from. Nil for its own choice, or all.
    public let suite: String?
    public let component: String?
    private let neighbour: (Upload, String) throws -> Upload

    /// - Parameter neighbour: stages a file that lies beside an upload.
    init(
        uploads: [Upload], removals: Removals, options: HostingOptions,
        neighbour: @escaping (Upload, String) throws -> Upload
    ) {
        self.uploads = uploads
        self.removals = removals
        replaces = options.replaces
        suite = options.suite
        component = options.component
        self.neighbour = neighbour
    }

    /// What a sync of a hosted repository asks for: nothing added, nothing removed.
    public static var none: Revision {
        Revision(uploads: [], removals: Removals([]), options: HostingOptions()) { upload, _ in upload }
    }

    /// A file that lies beside an upload, which names it: staged as uploads are.
    /// - Throws: ``ChantalError`` `not_found`; `unsafe_path` for a name that leads elsewhere.
    public func file(named name: String, beside upload: Upload) throws -> Upload { try neighbour(upload, name) }

    /// - Throws: ``ChantalError`` `usage` if a suite or component is named, for types without.
    public func refuseDivision(type: String) throws {
        guard suite != nil || component != nil else { return }
        throw ChantalError(
            .usage, "a repository of type \(type) has no suites and components",
            hint: "leave --suite and --component out")
    }

    /// The error for a package that is there already, with other bytes.
    public static func conflict(_ package: String, _ new: Digest, _ old: Digest, _ upload: Upload) -> ChantalError {
        ChantalError(
            .exists,
            "\(package) is in the repository with other bytes: '\(upload.path)' has SHA-256 \(new), what is there has \(old)",
            hint: "give it a new version, or replace it with --force", path: upload.path)
    }
}

/// What a user asks of `add` and `remove`.
public struct HostingOptions: Sendable {
    /// `--force`
    public var replaces = false
    public var suite: String?
    public var component: String?

    public init() {}
}
