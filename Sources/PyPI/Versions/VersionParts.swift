import Basics

/// The parts of a version (PEP 440), numbers as decimal digits without leading zeros.
public struct VersionParts: Sendable, Hashable {
    public enum Phase: String, Sendable {
        case alpha = "a"
        case beta = "b"
        case candidate = "rc"
    }

    public var epoch: String
    /// At least one; with the zeros that were written.
    public var release: [String]
    public var phase: Phase?
    /// Nil exactly if there is no ``phase``.
    public var pre: String?
    public var post: String?
    public var dev: String?
    /// Segments, joined by `.`.
    public var local: String?

    public init(_ version: Version) {
        let key = version.key
        var index = 0
        func number() -> String {
            let digits = VersionKey.number(key, at: index)
            index = digits.upperBound
            return String(decoding: key[digits], as: UTF8.self)
        }
        func byte() -> UInt8 {
            index += 1
            return key[index - 1]
        }
        epoch = number()
        release = []
        while key[index] != VersionKey.end { release.append(number()) }
        index += 1
        release += Array(repeating: "0", count: version.trailingZeros)
        switch byte() {
        case VersionKey.alpha: phase = .alpha
        case VersionKey.beta: phase = .beta
        case VersionKey.candidate: phase = .candidate
        default: phase = nil
        }
        if phase != nil { pre = number() }
        if byte() == VersionKey.post { post = number() }
        if byte() == VersionKey.dev { dev = number() }
        var segments: [String] = []
        while index < key.count {
            if byte() == VersionKey.localNumber {
                segments.append(number())
            } else {
                let end = key[index...].firstIndex(of: VersionKey.end) ?? key.count
                segments.append(String(decoding: key[index..<end], as: UTF8.self))
                index = end + 1
            }
        }
        local = segments.isEmpty ? nil : segments.joined(separator: ".")
    }

    /// Epoch, if it is not 0, and release.
    public var base: String { (epoch == "0" ? "" : "\(epoch)!") + release.joined(separator: ".") }

    /// Without the zeros at the end of the release.
    public var canonical: VersionParts {
        var parts = self
        while parts.release.count > 1, parts.release.last == "0" { parts.release.removeLast() }
        return parts
    }
}

extension VersionParts: CustomStringConvertible {
    /// The normal form.
    public var description: String {
        var text = base
        if let phase, let pre { text += phase.rawValue + pre }
        if let post { text += ".post" + post }
        if let dev { text += ".dev" + dev }
        if let local { text += "+" + local }
        return text
    }
}
