import Basics

/// The parts of a wheel's file name: `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`
/// (binary distribution format, "File name convention").
public struct WheelFilename: Sendable {
    /// Normalised. A name that is no project's (not ASCII) is kept in ``nameText`` only.
    public let name: ProjectName?
    /// As written.
    public let nameText: String
    public let version: Version
    public let build: BuildTag?
    /// Compressed sets, as written.
    public let pythons: [String]
    public let abis: [String]
    public let platforms: [String]

    /// A wheel of the same version and tags with a greater build tag is the newer one (PEP 427).
    public struct BuildTag: Hashable, Comparable, Sendable {
        /// Digits without leading zeros.
        public let number: String
        public let rest: String

        init?(_ text: Substring) {
            let digits = text.prefix(while: { $0.utf8.count == 1 && $0.utf8.allSatisfy(\.isASCIIDigit) })
            guard !digits.isEmpty else { return nil }
            let significant = digits.drop(while: { $0 == "0" })
            number = significant.isEmpty ? "0" : String(significant)
            rest = String(text[digits.endIndex...])
        }

        public static func < (a: BuildTag, b: BuildTag) -> Bool {
            (a.number.utf8.count, a.number, a.rest) < (b.number.utf8.count, b.number, b.rest)
        }
    }

    /// Most tags that a compressed set may stand for.
    static let tagLimit = 10_000

    /// Nil for what is no wheel's name.
    public init?(_ filename: String) {
        guard filename.utf8.ends(with: ".whl"), filename.utf8.count <= 1024 else { return nil }
        let parts = filename.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 5 || parts.count == 6, WheelFilename.isName(parts[0]), let version = Version(parts[1])
        else { return nil }
        if parts.count == 6 {
            guard let tag = BuildTag(parts[2]) else { return nil }
            build = tag
        } else {
            build = nil
        }
        let sets = parts.suffix(3).map { $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }
        guard sets.allSatisfy({ !$0.contains("") }), sets.reduce(1, { $0 * $1.count }) <= WheelFilename.tagLimit
        else { return nil }
        // An underscore would be a part of the next field.
        guard sets[0].allSatisfy({ $0.first?.isLetter == true }) else { return nil }
        nameText = String(parts[0])
        name = ProjectName(parts[0])
        self.version = version
        (pythons, abis, platforms) = (sets[0], sets[1], sets[2])
    }

    /// Letters and digits of any script, `.` and `_`, but not `__`.
    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && !text.contains("__")
            && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
    }

    /// Each combination: `py3-none-any`.
    public var tags: [WheelTag] {
        pythons.flatMap { python in
            abis.flatMap { abi in platforms.map { WheelTag(python: python, abi: abi, platform: $0) } }
        }
    }
}

/// A tag of a wheel: which interpreter, ABI and platform it is for (PEP 425). In lower case.
public struct WheelTag: Hashable, Sendable, CustomStringConvertible {
    public let python: String
    public let abi: String
    public let platform: String

    public init(python: String, abi: String, platform: String) {
        self.python = python.lowercasedASCII
        self.abi = abi.lowercasedASCII
        self.platform = platform.lowercasedASCII
    }

    public var description: String { "\(python)-\(abi)-\(platform)" }
}
