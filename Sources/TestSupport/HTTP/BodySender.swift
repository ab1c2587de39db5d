import Glibc

/// The faults that concern a body, together.
struct BodyPlan {
    private var flips: [Int] = []
    private(set) var cut: Int?
    private(set) var truncate: Int?
    private(set) var shorten: Int?
    private(set) var extra: [UInt8] = []
    private(set) var chunked = false
    private(set) var endless = false
    private(set) var bytesPerSecond: Int?
    private(set) var stall: Int?
    private var shiftsRange = false
    private(set) var rangeLies = false

    mutating func add(_ fault: Fault) {
        switch fault {
        case .flipByte(let offset): flips.append(offset)
        case .cut(let count): cut = count
        case .truncate(let count): truncate = count
        case .shorten(let count): shorten = count
        case .lengthen(let bytes): extra += bytes
        case .chunked: chunked = true
        case .endless: (chunked, endless) = (true, true)
        case .slow(let rate): bytesPerSecond = max(1, rate)
        case .stall(let count): stall = count
        case .wrongContentRange: shiftsRange = true
        case .lyingContentRange: rangeLies = true
        default: break
        }
    }

    var endsConnection: Bool { cut != nil || truncate != nil || stall != nil || endless }

    /// The range that is sent when one is asked for.
    func served(_ asked: Range<Int>, whole: Range<Int>) -> Range<Int> {
        if shiftsRange { return min(asked.lowerBound + 1, asked.upperBound - 1)..<asked.upperBound }
        if rangeLies { return 0..<asked.count }
        return asked
    }

    func declaredLength(_ count: Int) -> Int { min(count, shorten ?? count) + extra.count }

    /// How many bytes of the body go out before the connection ends or stalls.
    func limit(_ count: Int) -> Int {
        [cut, truncate, shorten, stall].compactMap { $0 }.reduce(count, min)
    }

    func apply(to bytes: inout [UInt8], offset: Int) {
        for flip in flips where flip >= offset && flip < offset + bytes.count {
            bytes[flip - offset] = ~bytes[flip - offset]
        }
    }
}

/// Writes a head and a body to a socket the way a plan says.
final class BodySender {
    private let socket: Socket
    private let plan: BodyPlan
    private let isStopped: () -> Bool
    /// Bytes of the body that went out.
    private(set) var sent = 0
    private var pending: [UInt8] = []

    init(socket: Socket, plan: BodyPlan, isStopped: @escaping () -> Bool) {
        self.socket = socket
        self.plan = plan
        self.isStopped = isStopped
    }

    /// False if the body could not be sent as it was declared.
    func send(head: [UInt8], _ body: LoopbackResponse.Body, _ part: Range<Int>) -> Bool {
        pending = head
        let end = part.lowerBound + plan.limit(part.count)
        guard sendBody(body, part.lowerBound..<end) else { return false }
        if plan.cut != nil {
            guard flush() else { return false }
            socket.resetOnClose()
            return false
        }
        if plan.stall != nil {
            guard flush() else { return false }
            while !isStopped(), !socket.waitForInput(seconds: 0.2) {}
            return false
        }
        guard plan.extra.isEmpty || emit(plan.extra) else { return false }
        while plan.endless {
            guard !isStopped(), emit([UInt8](repeating: 0, count: 1 << 16)), flush() else { return false }
        }
        if plan.chunked { pending += Array("0\r\n\r\n".utf8) }
        return flush()
    }

    private func sendBody(_ body: LoopbackResponse.Body, _ range: Range<Int>) -> Bool {
        let step = plan.bytesPerSecond.map { max(1, min(1 << 16, $0 / 20)) } ?? 1 << 16
        var descriptor: Int32 = -1
        if case .file(let path, _) = body, !range.isEmpty {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
        }
        defer { if descriptor >= 0 { close(descriptor) } }
        var offset = range.lowerBound
        while offset < range.upperBound {
            var chunk: [UInt8]
            let count = min(step, range.upperBound - offset)
            switch body {
            case .bytes(let bytes): chunk = Array(bytes[offset..<(offset + count)])
            case .file:
                chunk = [UInt8](repeating: 0, count: count)
                let read = pread(descriptor, &chunk, count, offset)
                guard read > 0 else { return false }
                chunk.removeLast(count - read)
            }
            plan.apply(to: &chunk, offset: offset)
            offset += chunk.count
            guard emit(chunk) else { return false }
            if let rate = plan.bytesPerSecond {
                guard flush(), !isStopped() else { return false }
                pause(seconds: Double(chunk.count) / Double(rate))
            }
        }
        return true
    }

    private func emit(_ bytes: [UInt8]) -> Bool {
        sent += bytes.count
        if plan.chunked {
            pending += Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
        } else {
            pending += bytes
        }
        return pending.count < 1 << 16 || flush()
    }

    private func flush() -> Bool {
        defer { pending.removeAll(keepingCapacity: true) }
        return pending.isEmpty || socket.send(pending)
    }
}
