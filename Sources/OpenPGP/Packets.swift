import Basics

/// One packet of RFC 4880, 4.2, within the bytes it was read from.
struct Packet {
    var tag: UInt8
    /// With the header.
    var whole: Range<Int>
    var body: Range<Int>

    static let signature: UInt8 = 2
    static let secretKey: UInt8 = 5
    static let publicKey: UInt8 = 6
    static let secretSubkey: UInt8 = 7
    static let userID: UInt8 = 13
    static let publicSubkey: UInt8 = 14
    static let userAttribute: UInt8 = 17

    /// Splits bytes into packets; nil if they are not a whole number of packets with definite lengths.
    static func split(_ bytes: [UInt8]) -> [Packet]? {
        var packets: [Packet] = []
        var position = 0
        while position < bytes.count {
            guard let packet = next(bytes, position) else { return nil }
            packets.append(packet)
            position = packet.whole.upperBound
        }
        return packets
    }

    private static func next(_ bytes: [UInt8], _ start: Int) -> Packet? {
        let header = bytes[start]
        guard header & 0x80 != 0 else { return nil }
        func number(_ count: Int, at index: Int) -> Int? {
            guard index + count <= bytes.count else { return nil }
            return bytes[index..<(index + count)].reduce(0) { $0 << 8 | Int($1) }
        }
        var body = start + 1
        let length: Int
        let tag: UInt8
        if header & 0x40 == 0 {
            tag = header >> 2 & 15
            let width = 1 << Int(header & 3)
            // Width 8 stands for "until the end", which key material never uses.
            guard width < 8, let value = number(width, at: body) else { return nil }
            length = value
            body += width
        } else {
            tag = header & 63
            guard let first = number(1, at: body) else { return nil }
            switch first {
            case 0..<192:
                length = first
                body += 1
            case 192..<224:
                guard let second = number(1, at: body + 1) else { return nil }
                length = (first - 192) << 8 + second + 192
                body += 2
            case 255:
                guard let value = number(4, at: body + 1) else { return nil }
                length = value
                body += 5
            default: return nil  // a partial length
            }
        }
        guard tag != 0, length <= bytes.count - body else { return nil }
        return Packet(tag: tag, whole: start..<(body + length), body: body..<(body + length))
    }
}
