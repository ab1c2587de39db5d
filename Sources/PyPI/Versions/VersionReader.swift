import Basics

/// Reads a version from bytes (PEP 440, appendix B) and makes its ordered key.
struct VersionReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private(set) var key: [UInt8] = []
    private(set) var publicCount = 0
    private(set) var trailingZeros = 0
    private(set) var hasPre = false
    private(set) var hasPost = false
    private(set) var hasDev = false
    /// Numbers of the release as written.
    private(set) var releaseCount = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        key.reserveCapacity(24)
    }

    /// The whole of the bytes, blanks around it allowed.
    mutating func readVersion() -> Bool {
        skipSpace()
        guard readPublic(), readLocal() else { return false }
        skipSpace()
        return position == bytes.count
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || (0x09...0x0d).contains(bytes[position]) {
            position += 1
        }
    }

    private func digits(from start: Int) -> Range<Int>? {
        var end = start
        while end < bytes.count, bytes[end].isASCIIDigit { end += 1 }
        return end == start ? nil : start..<end
    }

    /// `v`, epoch and release, pre, post and dev.
    mutating func readPublic() -> Bool {
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "v") { position += 1 }
        guard var number = digits(from: position) else { return false }
        if number.upperBound < bytes.count, bytes[number.upperBound] == UInt8(ascii: "!") {
            VersionKey.append(bytes, number, to: &key)
            guard let first = digits(from: number.upperBound + 1) else { return false }
            number = first
        } else {
            VersionKey.appendZero(to: &key)
        }
        readRelease(number)
        key.append(VersionKey.end)
        readPre()
        readPost()
        readDev()
        publicCount = key.count
        return true
    }

    private mutating func readRelease(_ first: Range<Int>) {
        var number = first
        while true {
            releaseCount += 1
            if VersionKey.isZero(bytes, number) {
                trailingZeros += 1
            } else {
                while trailingZeros > 0 {
                    VersionKey.appendZero(to: &key)
                    trailingZeros -= 1
                }
                VersionKey.append(bytes, number, to: &key)
            }
            position = number.upperBound
            guard position < bytes.count, bytes[position] == UInt8(ascii: "."), let next = digits(from: position + 1)
            else { return }
            number = next
        }
    }

    private func isSeparator(_ index: Int) -> Bool {
        guard index < bytes.count else { return false }
        return bytes[index] == 0x2e || bytes[index] == 0x2d || bytes[index] == 0x5f
    }

    /// Whether a word stands at the position, or behind one separator there; goes behind it.
    private mutating func take(_ word: StaticString) -> Bool {
        let start = isSeparator(position) ? position + 1 : position
        let end = start + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes.slice(start..<end).equalsIgnoringCase(word) else { return false }
        position = end
        return true
    }

    /// The number after a word, which may have a separator before it; none is zero.
    private mutating func appendNumber() {
        if isSeparator(position) { position += 1 }
        if let number = digits(from: position) {
            VersionKey.append(bytes, number, to: &key)
            position = number.upperBound
        } else {
            VersionKey.appendZero(to: &key)
        }
    }

    private mutating func readPre() {
        let phase: UInt8
        // Nothing but these letters can begin a pre-release: most versions have none.
        let letter = isSeparator(position) ? position + 1 : position
        guard letter < bytes.count, bytes[letter].isASCIILetter else {
            return key.append(VersionKey.noPre)
        }
        if take("alpha") || take("a") {
            phase = VersionKey.alpha
        } else if take("beta") || take("b") {
            phase = VersionKey.beta
        } else if take("preview") || take("pre") || take("rc") || take("c") {
            phase = VersionKey.candidate
        } else {
            return key.append(VersionKey.noPre)
        }
        hasPre = true
        key.append(phase)
        appendNumber()
    }

    private mutating func readPost() {
        if position < bytes.count, bytes[position] == UInt8(ascii: "-"), let number = digits(from: position + 1) {
            hasPost = true
            key.append(VersionKey.post)
            VersionKey.append(bytes, number, to: &key)
            position = number.upperBound
        } else if take("post") || take("rev") || take("r") {
            hasPost = true
            key.append(VersionKey.post)
            appendNumber()
        } else {
            key.append(VersionKey.noPost)
        }
    }

    private mutating func readDev() {
        guard take("dev") else { return key.append(VersionKey.noDev) }
        hasDev = true
        // A development release of a final one comes before its pre-releases.
        if !hasPre, !hasPost { key[key.count - 2] = VersionKey.beforePre }
        key.append(VersionKey.dev)
        appendNumber()
    }

    mutating func readLocal() -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "+") else { return true }
        while true {
            let start = position + 1
            var end = start
            while end < bytes.count, bytes[end].isASCIILetter || bytes[end].isASCIIDigit { end += 1 }
            if end == start { return false }
            VersionKey.appendLocal(bytes, start..<end, to: &key)
            position = end
            guard isSeparator(end) else { return true }
        }
    }
}
