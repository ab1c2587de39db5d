import Basics

// Strings, booleans, numbers and dates.
extension TOMLScanner {
    mutating func scalar() throws -> TOMLNode.Content {
        if let text = try string() { return .string(text) }
        let start = position
        while let byte, TOMLScanner.isScalarByte(byte) { position += 1 }
        let word = bytes.slice(start..<position)
        // A date and a time may have a blank between them.
        if word.count == 10, TOMLDate.isDate(word), byte == 0x20, position + 1 < bytes.count,
            bytes[position + 1].isASCIIDigit
        {
            position += 1
            while let byte, TOMLScanner.isScalarByte(byte) { position += 1 }
        }
        let text = bytes.slice(start..<position)
        if text.equals("true") { return .boolean(true) }
        if text.equals("false") { return .boolean(false) }
        if TOMLDate.isValid(text) { return .dateTime(text.text) }
        if let value = TOMLNumber.integer(text) { return .integer(value) }
        if let value = TOMLNumber.float(text) { return .float(value) }
        position = start
        throw error(text.isEmpty ? "a value should stand here" : "what stands here is no value of TOML")
    }

    private static func isScalarByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2b || byte == 0x2d || byte == 0x2e || byte == 0x5f
            || byte == 0x3a
    }
}

enum TOMLNumber {
    /// Digits of a base, underscores between two of them taken out; nil if another character is there.
    private static func digits(_ text: UnsafeRawBufferPointer, _ isDigit: (UInt8) -> Bool) -> [UInt8]? {
        var result: [UInt8] = []
        var wasDigit = false
        for (index, byte) in text.enumerated() {
            if byte == 0x5f {
                guard wasDigit, index + 1 < text.count else { return nil }
                wasDigit = false
            } else {
                guard isDigit(byte) else { return nil }
                result.append(byte)
                wasDigit = true
            }
        }
        return result.isEmpty ? nil : result
    }

    private static let bases: [(prefix: StaticString, base: Int)] = [("0x", 16), ("0o", 8), ("0b", 2)]

    /// 64 bits.
    static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        for (prefix, base) in bases where text.count > 2 && text.slice(0..<2).equals(prefix) {
            let digits = digits(text.slice(2..<text.count)) { byte in Hex.value(byte).map { $0 < base } ?? false }
            return digits.flatMap { Int64(String(decoding: $0, as: UTF8.self), radix: base) }
        }
        let sign = text.first == 0x2b || text.first == 0x2d ? 1 : 0
        guard let digits = digits(text.slice(sign..<text.count), \.isASCIIDigit), isPlain(digits) else { return nil }
        return Int64((text.first == 0x2d ? "-" : "") + String(decoding: digits, as: UTF8.self))
    }

    /// Without zeros before it.
    private static func isPlain(_ digits: [UInt8]) -> Bool { digits.count == 1 || digits[0] != 0x30 }

    static func float(_ text: UnsafeRawBufferPointer) -> Double? {
        let sign = text.first == 0x2b || text.first == 0x2d ? 1 : 0
        let body = text.slice(sign..<text.count)
        if body.equals("inf") { return text.first == 0x2d ? -Double.infinity : Double.infinity }
        if body.equals("nan") { return Double.nan }
        let exponent = body.firstIndex { $0 | 0x20 == 0x65 } ?? body.count
        let point = body.firstIndex(of: 0x2e) ?? exponent
        guard point <= exponent, point < body.count, let whole = digits(body.slice(0..<point), \.isASCIIDigit),
            isPlain(whole)
        else { return nil }
        var plain = (text.first == 0x2d ? "-" : "") + String(decoding: whole, as: UTF8.self)
        if point < exponent {
            guard let fraction = digits(body.slice((point + 1)..<exponent), \.isASCIIDigit) else { return nil }
            plain += "." + String(decoding: fraction, as: UTF8.self)
        }
        if exponent < body.count {
            var start = exponent + 1
            plain += "e"
            if start < body.count, body[start] == 0x2b || body[start] == 0x2d {
                if body[start] == 0x2d { plain += "-" }
                start += 1
            }
            guard let power = digits(body.slice(start..<body.count), \.isASCIIDigit) else { return nil }
            plain += String(decoding: power, as: UTF8.self)
        }
        return Double(plain)
    }
}

enum TOMLDate {
    private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        guard range.upperBound <= text.count else { return nil }
        return text.slice(range).decimal.map { Int($0) }
    }

    /// `2026-11-21`
    static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 10, text[4] == 0x2d, text[7] == 0x2d, let year = number(text, 0..<4),
            let month = number(text, 5..<7), let day = number(text, 8..<10)
        else { return false }
        return Timestamp(year: year, month: month, day: day, hour: 0, minute: 0, second: 0) != nil
    }

    /// `11:40:00.5`: where it ends.
    private static func endOfTime(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start + 8 <= text.count, text[start + 2] == 0x3a, text[start + 5] == 0x3a,
            let hour = number(text, start..<(start + 2)), let minute = number(text, (start + 3)..<(start + 5)),
            let second = number(text, (start + 6)..<(start + 8)), hour < 24, minute < 60, second <= 60
        else { return nil }
        var end = start + 8
        if end < text.count, text[end] == 0x2e {
            end += 1
            let first = end
            while end < text.count, text[end].isASCIIDigit { end += 1 }
            if end == first { return nil }
        }
        return end
    }

    /// A local time, a local date, or both, with an offset or without.
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.count >= 8, text[2] == 0x3a { return endOfTime(text, from: 0) == text.count }
        guard text.count >= 10, isDate(text.slice(0..<10)) else { return false }
        if text.count == 10 { return true }
        guard text[10] | 0x20 == 0x74 || text[10] == 0x20, let end = endOfTime(text, from: 11) else { return false }
        if end == text.count { return true }
        if text[end] | 0x20 == 0x7a { return end + 1 == text.count }
        guard text[end] == 0x2b || text[end] == 0x2d, end + 6 == text.count, text[end + 3] == 0x3a,
            let hours = number(text, (end + 1)..<(end + 3)), let minutes = number(text, (end + 4)..<(end + 6))
        else { return false }
        return hours < 24 && minutes < 60
    }
}
