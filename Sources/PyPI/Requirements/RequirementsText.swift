import Basics

/// The text of a requirements file, and its logical lines (pip, "Requirements file format").
struct RequirementsText {
    /// A line with its continuations, without comments.
    struct Line {
        var number: Int
        var text: String
    }

    /// Largest file that is read.
    static let lengthLimit = 16 << 20

    /// The text of a file: by its byte order mark, or by what a comment in the first two lines says (PEP 263), else UTF-8.
    static func decode(_ bytes: [UInt8], file: String) throws -> String {
        guard bytes.count <= lengthLimit else {
            throw ChantalError(.tooLarge, "\(file): the file is larger than 16 MiB", path: file)
        }
        if bytes.starts(with: [0xff, 0xfe, 0, 0]) { return wide(bytes, 4, isBig: false) }
        if bytes.starts(with: [0, 0, 0xfe, 0xff]) { return wide(bytes, 4, isBig: true) }
        if bytes.starts(with: [0xff, 0xfe]) { return wide(bytes, 2, isBig: false) }
        if bytes.starts(with: [0xfe, 0xff]) { return wide(bytes, 2, isBig: true) }
        let rest = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        switch declaredEncoding(rest) {
        case nil, "utf-8", "utf8", "ascii", "us-ascii":
            guard let text = String(validating: rest, as: UTF8.self) else {
                throw ChantalError(
                    .malformed, "\(file): the file is not valid UTF-8",
                    hint: "save it as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-",
                    path: file)
            }
            return text
        case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1":
            return String(String.UnicodeScalarView(rest.map { Unicode.Scalar($0) }))
        case let other:
            throw ChantalError(
                .malformed, "\(file): the encoding '\(other ?? "")' is not known", hint: "save it as UTF-8", path: file)
        }
    }

    private static func wide(_ bytes: [UInt8], _ width: Int, isBig: Bool) -> String {
        var units: [UInt32] = []
        var index = width
        while index + width <= bytes.count {
            var unit: UInt32 = 0
            for place in 0..<width { unit = unit << 8 | UInt32(bytes[index + (isBig ? place : width - 1 - place)]) }
            units.append(unit)
            index += width
        }
        if width == 4 { return String(decoding: units, as: UTF32.self) }
        return String(decoding: units.map { UInt16($0) }, as: UTF16.self)
    }

    /// `coding: latin-1` in a comment of the first two lines.
    private static func declaredEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
        for line in bytes.split(separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
        where line.first == UInt8(ascii: "#") {
            guard let word = line.firstRange(of: Array("coding".utf8)) else { continue }
            var rest = line[word.upperBound...]
            guard let sign = rest.popFirst(), sign == UInt8(ascii: ":") || sign == UInt8(ascii: "=") else { continue }
            rest = rest.drop(while: \.isASCIISpace)
            let name = rest.prefix {
                $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e
            }
            return String(decoding: name, as: UTF8.self).lowercasedASCII
        }
        return nil
    }

    /// Lines that a backslash joins are one; comments and what is empty are left out.
    static func lines(_ text: String) -> [Line] {
        var result: [Line] = []
        var open: Line?
        func close(_ line: Line) {
            let text = withoutComment(line.text)
            if !text.isEmpty { result.append(Line(number: line.number, text: text)) }
        }
        let physical = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        for (index, part) in physical.enumerated() {
            let isComment = part.first(where: { $0 != " " && $0 != "\t" }) == "#"
            if part.hasSuffix("\\"), !isComment {
                var kept = part
                while kept.last == "\\" { kept.removeLast() }
                open = Line(number: open?.number ?? index + 1, text: (open?.text ?? "") + kept)
                continue
            }
            var line = open ?? Line(number: index + 1, text: "")
            line.text += (isComment ? " " : "") + part
            open = nil
            close(line)
        }
        if let open { close(open) }
        return result
    }

    /// A comment begins the line, or stands behind a blank.
    private static func withoutComment(_ line: String) -> String {
        let bytes = Array(line.utf8)
        var end = bytes.count
        for (index, byte) in bytes.enumerated()
        where byte == UInt8(ascii: "#") && (index == 0 || bytes[index - 1].isASCIISpace) {
            end = index
            break
        }
        return bytes[..<end].withUnsafeBytes { $0.trimmed.text }
    }

    /// `${NAME}` of capital letters, digits and underscores, where the environment has it and it is not empty.
    static func expand(_ line: String, _ environment: (String) -> String?) -> String {
        var result = ""
        var rest = line[...]
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = rest[start.upperBound..<end]
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy { (0x41...0x5a).contains($0) || $0.isASCIIDigit || $0 == 0x5f }
            guard isName else {
                result += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                continue
            }
            result += rest[..<start.lowerBound]
            let value = environment(String(name)) ?? ""
            result += value.isEmpty ? String(rest[start.lowerBound...end]) : value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
