import Basics

/// The name of a project, normalised: lower case, runs of `-`, `_` and `.` as one `-` (PEP 503). Names are ASCII.
public struct ProjectName: Hashable, Comparable, Sendable {
    /// The normalised form, which is the name's directory in the tree.
    public let text: String

    /// Normalises; nil for what is no name: other characters than ASCII letters, digits, `-`, `_`, `.`, one of these three at
    /// either end (PEP 508), nothing, or more than 255 bytes.
    public init?(_ name: some Collection<UInt8>) {
        guard let bytes = ProjectName.normalise(name) else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    public init?(_ name: some StringProtocol) { self.init(name.utf8) }

    /// Takes what is known to be normalised.
    init(trusted text: String) { self.text = text }

    private static func normalise(_ name: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.count)
        for byte in name {
            switch byte {
            case 0x61...0x7a, 0x30...0x39: bytes.append(byte)
            case 0x41...0x5a: bytes.append(byte | 0x20)
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                if bytes.isEmpty { return nil }
                if bytes.last != UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
            default: return nil
            }
            if bytes.count > 255 { return nil }
        }
        return bytes.isEmpty || bytes.last == UInt8(ascii: "-") ? nil : bytes
    }

    public static func < (a: ProjectName, b: ProjectName) -> Bool { a.text < b.text }
}

extension ProjectName: CustomStringConvertible {
    public var description: String { text }
}

extension ProjectName {
    /// The spelling of a glob that matches normalised names: in lower case, with runs of `-`, `_` and `.` as one `-`. Sets in brackets
    /// keep their form.
    static func normalised(glob: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isInSet = false
        for byte in glob {
            switch byte {
            case UInt8(ascii: "["): isInSet = true
            case UInt8(ascii: "]"): isInSet = false
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                if isInSet { break }
                if result.last != UInt8(ascii: "-") { result.append(UInt8(ascii: "-")) }
                continue
            default: break
            }
            result.append(byte.asciiLowercased)
        }
        return result
    }
}
