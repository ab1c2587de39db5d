import Basics

/// Checks that paths come in the order of their bytes, none twice, and none as the directory of another.
struct PathOrder {
    private var previous: [UInt8] = []
    private var hasPrevious = false
    /// Lengths of those earlier paths that the previous path begins with, ascending.
    ///
    /// All paths between `a` and `a/b` begin with `a`, so a file in the way of a directory is among these.
    private var beginnings: [Int] = []

    /// - Returns: how many bytes the path has in common with the one before it.
    @discardableResult
    mutating func next(_ path: UnsafeRawBufferPointer) throws -> Int {
        let common = previous.withUnsafeBytes { PathOrder.common($0, path) }
        if hasPrevious {
            if common == path.count {
                throw refuse(path, common == previous.count ? "is there twice" : "is not in the order of its bytes")
            }
            if common < previous.count, path[common] < previous[common] {
                throw refuse(path, "is not in the order of its bytes")
            }
            beginnings.append(previous.count)
        }
        while let last = beginnings.last, last > common { beginnings.removeLast() }
        // Shorter beginnings were compared with the previous path, which has the same byte there.
        if beginnings.last == common, common > 0, path[common] == UInt8(ascii: "/") {
            throw refuse(path, "lies below a file")
        }
        hasPrevious = true
        previous.removeAll(keepingCapacity: true)
        previous.append(contentsOf: path)
        return common
    }

    private static func common(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let limit = min(a.count, b.count)
        var index = 0
        while index + 8 <= limit {
            let difference =
                a.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
                ^ b.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            if difference != 0 { return index + difference.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < limit, a[index] == b[index] { index += 1 }
        return index
    }

    private func refuse(_ path: UnsafeRawBufferPointer, _ reason: String) -> ChantalError {
        let shown = RepositoryPath(trusted: Array(path.prefix(300))).description
        return ChantalError(.malformed, "the path '\(shown)' \(reason)", path: shown)
    }
}
