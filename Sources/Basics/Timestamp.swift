/// A moment in seconds since 1970-01-01 00:00:00 UTC (no leap seconds, POSIX).
public struct Timestamp: Hashable, Comparable, Sendable {
    public var seconds: Int64
    public init(seconds: Int64) { self.seconds = seconds }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

    /// Stays at the end of the range instead of leaving it: the seconds may come from a header.
    public static func + (a: Timestamp, seconds: Int64) -> Timestamp {
        let (sum, over) = a.seconds.addingReportingOverflow(seconds)
        return Timestamp(seconds: over ? (seconds > 0 ? .max : .min) : sum)
    }

    /// Seconds from `b` to `a`; stays at the end of the range instead of leaving it.
    public static func - (a: Timestamp, b: Timestamp) -> Int64 {
        let (difference, over) = a.seconds.subtractingReportingOverflow(b.seconds)
        return over ? (b.seconds < 0 ? .max : .min) : difference
    }

    /// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, chrono-compatible date algorithms).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Nil if a part is out of its range.
    public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second), day >= 1,
            day <= Timestamp.dayCount(ofMonth: month, year: year)
        else { return nil }
        let days = Timestamp.days(Int64(year), Int64(month), Int64(day))
        seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    private static func dayCount(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    public struct Parts: Sendable {
        public var year, month, day, hour, minute, second: Int
        /// 0 is Sunday.
        public var weekday: Int
    }

    /// The civil date and time in UTC.
    public var parts: Parts {
        var (day, remainder) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if remainder < 0 {
            day -= 1
            remainder += 86_400
        }
        let rest = Int(remainder)
        let z = day + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return Parts(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
            day: Int(dayOfYear - (153 * shifted + 2) / 5 + 1), hour: rest / 3600, minute: rest / 60 % 60,
            second: rest % 60, weekday: Int(((day % 7) + 11) % 7))
    }

    private static func padded(_ value: Int, _ width: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// `2026-11-21T11:40:00Z` (RFC 3339).
    public var rfc3339: String {
        let p = parts
        func two(_ value: Int) -> String { Timestamp.padded(value) }
        return
            "\(Timestamp.padded(p.year, 4))-\(two(p.month))-\(two(p.day))T\(two(p.hour)):\(two(p.minute)):\(two(p.second))Z"
    }

    /// `2026-11-21`
    public var date: String { String(rfc3339.prefix(10)) }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `Sat, 21 Nov 2026 11:40:00 UTC`: the form of Date in a Release file; with `GMT` an HTTP date (RFC 9110, 5.6.7).
    public func rfc2822(zone: String = "UTC") -> String {
        let p = parts
        func two(_ value: Int) -> String { Timestamp.padded(value) }
        return "\(Timestamp.dayNames[p.weekday]), \(two(p.day)) \(Timestamp.monthNames[p.month - 1]) "
            + "\(Timestamp.padded(p.year, 4)) \(two(p.hour)):\(two(p.minute)):\(two(p.second)) \(zone)"
    }

    /// Reads RFC 3339 (`2026-11-21T11:40:00Z`, fraction ignored, `+01:00` honoured, a space for `T`).
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d,
            bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20,
            bytes[13] == 0x3a, bytes[16] == 0x3a, let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19),
            let local = Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var index = 19
        if bytes[index] == 0x2e {
            let start = index + 1
            index = start
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
            if index == start { return nil }
        }
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case 0x5a, 0x7a:
            guard index + 1 == bytes.count else { return nil }
            self = local
        case 0x2b, 0x2d:
            guard index + 6 == bytes.count, bytes[index + 3] == 0x3a, let hours = number((index + 1)..<(index + 3)),
                let minutes = number((index + 4)..<(index + 6)), hours < 24, minutes < 60
            else { return nil }
            let offset = Int64(hours * 3600 + minutes * 60)
            self = local + (bytes[index] == 0x2b ? -offset : offset)
        default: return nil
        }
    }

    /// Reads `Sat, 21 Nov 2026 11:40:00 UTC` (also `GMT`, `+0000`, `-0130`; the day's name may be missing).
    public init?(rfc2822 text: String) {
        var words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        if let first = words.first, first.hasSuffix(",") { words.removeFirst() }
        // Int(_:) alone would take signs.
        func number(_ text: some StringProtocol) -> Int? {
            text.utf8.allSatisfy { $0.isASCIIDigit } ? Int(text) : nil
        }
        guard words.count == 5 || words.count == 4, let day = number(words[0]), let year = number(words[2]),
            words[2].utf8.count == 4,
            let month = Timestamp.monthNames.firstIndex(where: { $0.lowercased() == words[1].lowercased() })
        else { return nil }
        let clock = words[3].split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            let local = Timestamp(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        let zone = words.count == 5 ? words[4] : "UTC"
        switch zone {
        case "UTC", "GMT", "Z", "UT": self = local
        default:
            guard zone.utf8.count == 5, let sign = zone.first, sign == "+" || sign == "-",
                let value = number(zone.dropFirst()), value < 2400, value % 100 < 60
            else { return nil }
            let offset = Int64(value / 100 * 3600 + value % 100 * 60)
            self = local + (sign == "+" ? -offset : offset)
        }
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String { rfc3339 }
}
