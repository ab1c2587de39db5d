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
    /// The compressed sets of Python, ABI and platform tags, in lower case, with `-` between them.
    let tagText: String

    /// A wheel of the same version and tags with a greater build tag is the newer one (PEP 427).
    public struct BuildTag: Hashable, Comparable, Sendable {
        /// Digits without leading zeros.
        public let number: String
        public let rest: String

        init?(_ text: UnsafeRawBufferPointer) {
            let end = text.firstIndex { !$0.isASCIIDigit } ?? text.count
            if end == 0 { return nil }
            let start = text[..<end].firstIndex { $0 != 0x30 } ?? end - 1
            number = text.slice(start..<end).text
            rest = text.slice(end..<text.count).text
        }

        public static func < (a: BuildTag, b: BuildTag) -> Bool {
            (a.number.utf8.count, a.number, a.rest) < (b.number.utf8.count, b.number, b.rest)
        }
    }

    /// Most tags that a compressed set may stand for.
    static let tagLimit = 10_000

    /// Nil for what is no wheel's name.
    public init?(_ filename: String) {
        var filename = filename
        guard let wheel = filename.withUTF8({ WheelFilename(bytes: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = wheel
    }

    /// The same for bytes.
    init?(bytes: UnsafeRawBufferPointer) {
        let end = bytes.count - 4
        guard end > 0, bytes.count <= 1024, bytes.slice(end..<bytes.count).equals(".whl") else { return nil }
        var dashes: [Int] = []
        dashes.reserveCapacity(6)
        while let dash = bytes.firstIndex(of: 0x2d, from: (dashes.last ?? -1) + 1) {
            dashes.append(dash)
            if dashes.count > 5 { return nil }
        }
        guard dashes.count >= 4 else { return nil }
        let nameBytes = bytes.slice(0..<dashes[0])
        guard WheelFilename.isName(nameBytes), let version = Version(bytes: bytes.slice((dashes[0] + 1)..<dashes[1]))
        else { return nil }
        if dashes.count == 5 {
            guard let tag = BuildTag(bytes.slice((dashes[1] + 1)..<dashes[2])) else { return nil }
            build = tag
        } else {
            build = nil
        }
        let tags = bytes.slice((dashes[dashes.count - 3] + 1)..<end)
        guard WheelFilename.areTags(tags) else { return nil }
        tagText = String(decoding: tags.map(\.asciiLowercased), as: UTF8.self)
        nameText = nameBytes.text
        name = ProjectName(nameBytes)
        self.version = version
    }

    /// Letters and digits of any script, `.` and `_`, but not `__`.
    private static func isName(_ text: UnsafeRawBufferPointer) -> Bool {
        var previous: UInt8 = 0
        for byte in text {
            if byte >= 0x80 {
                return !text.text.contains("__")
                    && text.text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
            }
            guard byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2e || byte == 0x5f,
                byte != 0x5f || previous != byte
            else { return false }
            previous = byte
        }
        return !text.isEmpty
    }

    /// Three sets, none of whose tags is empty; those of Pythons begin with a letter.
    private static func areTags(_ text: UnsafeRawBufferPointer) -> Bool {
        var (set, count, all) = (0, 1, 1)
        var isStart = true
        for byte in text {
            switch byte {
            case 0x2d, 0x2e:
                if isStart { return false }
                isStart = true
                count += 1
                if byte == 0x2d {
                    all *= count - 1
                    (set, count) = (set + 1, 1)
                }
            default:
                if isStart, set == 0, !byte.isASCIILetter { return false }
                isStart = false
            }
        }
        return !isStart && all * count <= tagLimit
    }

    private func tagSet(_ index: Int) -> [Substring] {
        tagText.split(separator: "-")[index].split(separator: ".")
    }

    /// Compressed sets, in lower case.
    public var pythons: [String] { tagSet(0).map(String.init) }
    public var abis: [String] { tagSet(1).map(String.init) }
    public var platforms: [String] { tagSet(2).map(String.init) }

    /// Each combination: `py3-none-any`.
    public var tags: [WheelTag] {
        let (abis, platforms) = (abis, platforms)
        return pythons.flatMap { python in
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
