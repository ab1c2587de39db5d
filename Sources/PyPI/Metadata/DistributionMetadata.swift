import Basics

/// What a distribution says of itself: the fields of METADATA or PKG-INFO that matter to a mirror (core metadata specifications).
public struct DistributionMetadata: Sendable {
    /// Nil if it is missing or stands there more than once.
    public private(set) var name: String?
    public private(set) var version: String?
    public private(set) var metadataVersion: String?
    public private(set) var requiresPython: String?
    public private(set) var summary: String?
    /// Home-page, or the Project-URL that is called so (PEP 753); nil if there is none.
    public private(set) var homepage: String?
    /// As written, folded lines too.
    public private(set) var requiresDist: [String] = []
    public private(set) var providesExtra: [String] = []
    /// Fields that may change when it is built (PEP 643), in lower case.
    public private(set) var dynamic: [String] = []

    /// Bytes of headers that are read at most.
    public static let lengthLimit = 16 << 20
    /// Requirements and extras that are read at most.
    static let countLimit = 100_000

    /// Reads the headers; the body, which is the description, is left alone. Names of fields have no case.
    /// - Throws: ``ChantalError`` `too_large`.
    public init(_ bytes: some Collection<UInt8>) throws {
        let text = Array(bytes.prefix(DistributionMetadata.lengthLimit + 1))
        try text.withUnsafeBytes { try read($0) }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
        var counts: [String: Int] = [:]
        var position = 0
        while position < bytes.count {
            guard let field = DistributionMetadata.field(bytes, &position) else { break }
            let name = bytes.slice(field.name)
            guard let known = DistributionMetadata.known.first(where: { name.equalsIgnoringCase($0) }) else { continue }
            let value = bytes.slice(field.value).trimmed.text
            let key = "\(known)"
            counts[key, default: 0] += 1
            set(key, value, isRepeated: counts[key] != 1)
            guard requiresDist.count + providesExtra.count + dynamic.count <= DistributionMetadata.countLimit else {
                throw ChantalError(.tooLarge, "the metadata has too many fields")
            }
        }
        guard position <= DistributionMetadata.lengthLimit else {
            throw ChantalError(.tooLarge, "the metadata's headers are longer than 16 MiB")
        }
    }

    private static let known: [StaticString] = [
        "name", "version", "metadata-version", "requires-python", "summary", "requires-dist", "provides-extra",
        "dynamic", "home-page", "project-url",
    ]

    /// Labels of Project-URL that mean the homepage, in lower case.
    static let homepageLabels: Set<String> = ["homepage", "home", "home-page"]

    private static func homepage(ofProjectURL value: String) -> String? {
        guard let comma = value.firstIndex(of: ","), homepageLabels.contains(String(value[..<comma]).lowercasedASCII)
        else {
            return nil
        }
        return String(value[value.index(after: comma)...].drop { $0 == " " })
    }

    private mutating func set(_ key: String, _ value: String, isRepeated: Bool) {
        let single = isRepeated ? nil : value
        switch key {
        case "name": name = single
        case "version": version = single
        case "metadata-version": metadataVersion = single
        case "requires-python": requiresPython = single
        case "summary": summary = single
        case "home-page": if value != "UNKNOWN", !value.isEmpty { homepage = value }
        case "project-url": homepage = homepage ?? DistributionMetadata.homepage(ofProjectURL: value)
        case "requires-dist": requiresDist.append(value)
        case "provides-extra": providesExtra.append(value)
        default: dynamic.append(value.lowercasedASCII)
        }
    }

    /// The next header, with its folded lines; nil where the headers end.
    private static func field(
        _ bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) -> (name: Range<Int>, value: Range<Int>)? {
        let start = position
        var end = bytes.firstIndex(of: 0x0a, from: start) ?? bytes.count
        var colon = start
        while colon < end, bytes[colon] > 0x20, bytes[colon] < 0x7f, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < end, colon > start, bytes[colon] == UInt8(ascii: ":") else { return nil }
        while end + 1 < bytes.count, bytes[end + 1] == 0x20 || bytes[end + 1] == 0x09 {
            end = bytes.firstIndex(of: 0x0a, from: end + 1) ?? bytes.count
        }
        position = min(end + 1, bytes.count)
        return (start..<colon, (colon + 1)..<end)
    }

    /// The requirements that can be read. What is none (`pytz (2010h)`) is no requirement to present clients either.
    public var requirements: (read: [Requirement], unreadable: [String]) {
        var read: [Requirement] = []
        var unreadable: [String] = []
        for text in requiresDist {
            let line = String(decoding: text.utf8.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }, as: UTF8.self)
            do { read.append(try Requirement(line)) } catch { unreadable.append(text) }
        }
        return (read, unreadable)
    }

    /// Whether a source distribution's requirements are those of what is built of it (PEP 643: metadata 2.2 on).
    public var hasStaticRequirements: Bool {
        guard let metadataVersion, let version = Version(metadataVersion), let first = Version("2.2") else {
            return false
        }
        return version >= first && !dynamic.contains("requires-dist")
    }
}
