import Basics

/// Sizes and spans of time as people write them.
enum Quantity {
    private static let sizeUnits: [(name: String, factor: Int64)] = [
        ("B", 1), ("kB", 1_000), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("PB", 1_000_000_000_000_000), ("KiB", 1 << 10), ("kiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
        ("TiB", 1 << 40), ("PiB", 1 << 50),
    ]
    private static let timeUnits: [(name: String, factor: Int64)] = [
        ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800),
    ]

    /// `5368709120`, `5GB`, `5 GiB`, `1.5MiB`; nil for anything else, a fraction of a byte, or more than 2⁶³.
    static func bytes(_ text: String) -> Int64? {
        let (number, unit) = split(text)
        guard let factor = unit.isEmpty ? 1 : sizeUnits.first(where: { $0.name == unit })?.factor else { return nil }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = decimal(String(parts[0])) else { return nil }
        let (product, over) = whole.multipliedReportingOverflow(by: factor)
        if over { return nil }
        guard parts.count == 2 else { return product }
        guard parts[1].utf8.count <= 6, let fraction = decimal(String(parts[1])) else { return nil }
        let scale = (0..<parts[1].utf8.count).reduce(Int64(1)) { value, _ in value * 10 }
        let (scaled, tooMuch) = fraction.multipliedReportingOverflow(by: factor)
        guard !tooMuch, scaled % scale == 0 else { return nil }
        let (sum, above) = product.addingReportingOverflow(scaled / scale)
        return above ? nil : sum
    }

    /// `30s`, `5m`, `12h`, `7d`, `2w`, `0`; a number without a unit is none.
    static func seconds(_ text: String) -> Int64? {
        let (number, unit) = split(text)
        guard let value = decimal(number) else { return nil }
        if value == 0, unit.isEmpty { return 0 }
        guard let factor = timeUnits.first(where: { $0.name == unit })?.factor else { return nil }
        let (product, over) = value.multipliedReportingOverflow(by: factor)
        // A hundred thousand years leave room for adding it to any date.
        return over || product > 3_155_760_000_000 ? nil : product
    }

    /// The shortest exact form: `5GB`, `2GiB`, `1234567`.
    static func size(_ bytes: Int64) -> String {
        let units = ["PB", "PiB", "TB", "TiB", "GB", "GiB", "MB", "MiB", "kB", "KiB"]
        for unit in units {
            guard let factor = sizeUnits.first(where: { $0.name == unit })?.factor else { continue }
            if bytes > 0, bytes % factor == 0 { return "\(bytes / factor)\(unit)" }
        }
        return String(bytes)
    }

    /// The shortest exact form: `7d`, `36h`, `90s`.
    static func duration(_ seconds: Int64) -> String {
        for unit in timeUnits.dropLast().reversed() where seconds > 0 && seconds % unit.factor == 0 {
            return "\(seconds / unit.factor)\(unit.name)"
        }
        return "\(seconds)s"
    }

    private static func split(_ text: String) -> (number: String, unit: String) {
        let number = text.prefix(while: { $0.isASCII && $0.isNumber || $0 == "." })
        let rest = text[number.endIndex...]
        return (String(number), String(rest.first == " " ? rest.dropFirst() : rest))
    }

    private static func decimal(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { UnsafeRawBufferPointer($0).decimal }
    }
}
