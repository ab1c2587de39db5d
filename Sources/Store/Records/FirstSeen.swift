import Basics
import Hashing

/// When files were first seen, where upstream has no dates: what a quarantine counts from.
///
/// As text `chantal-first-seen 1`, then `<seconds> <key>` sorted by the bytes of the key. Keys are what the ecosystem takes.
public struct FirstSeen: Hashable, Sendable {
    private static let header = "chantal-first-seen 1\n"
    private var times: [[UInt8]: Timestamp] = [:]

    public init() {}

    public var count: Int { times.count }

    /// When a key was first seen, nil if never.
    public subscript(key: [UInt8]) -> Timestamp? { times[key] }

    /// Notes a key that is seen now; the first time stays.
    /// - Returns: when it was first seen.
    /// - Throws: ``ChantalError`` `malformed` for a key that is empty or has a control character.
    @discardableResult
    public mutating func note(_ key: [UInt8], at time: Timestamp) throws -> Timestamp {
        if let known = times[key] { return known }
        guard !key.isEmpty, !key.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw ChantalError(.malformed, "a file's name is empty or holds a control character")
        }
        times[key] = time
        return time
    }

    /// Takes over what another knows and this one does not.
    /// - Returns: whether there was any.
    @discardableResult
    public mutating func merge(_ other: FirstSeen) -> Bool {
        let before = times.count
        times.merge(other.times) { mine, _ in mine }
        return times.count != before
    }

    /// Forgets every key that does not pass.
    public mutating func keep(where isNeeded: ([UInt8]) -> Bool) { times = times.filter { isNeeded($0.key) } }

    /// The canonical text.
    public func text() -> [UInt8] {
        var text = Array(FirstSeen.header.utf8)
        for (key, time) in times.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.append(contentsOf: "\(time.seconds) ".utf8)
            text.append(contentsOf: key)
            text.append(0x0a)
        }
        return text
    }

    /// - Throws: ``ChantalError`` `malformed`.
    public init(parsing bytes: UnsafeRawBufferPointer) throws {
        func malformed(_ line: Int) -> ChantalError { ChantalError(.malformed, "line \(line) is no time and name") }
        var start = 0
        var line = 0
        while let end = bytes.firstIndex(of: 0x0a, from: start) {
            line += 1
            let text = bytes.slice(start..<end)
            start = end + 1
            if line == 1 {
                guard text.equals("chantal-first-seen 1") else { throw malformed(1) }
                continue
            }
            guard let space = text.firstIndex(of: 0x20, from: 0), let seconds = text.slice(0..<space).decimal,
                space + 1 < text.count
            else { throw malformed(line) }
            times[Array(text.slice((space + 1)..<text.count))] = Timestamp(seconds: seconds)
        }
        if line == 0 || start != bytes.count { throw malformed(line + 1) }
    }
}
