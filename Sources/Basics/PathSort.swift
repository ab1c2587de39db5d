#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The order of many paths by their bytes.
public enum PathSort {
    /// - Returns: the places of the paths, sorted; those of equal ones in the order in which they came.
    public static func order(of paths: [RepositoryPath]) -> [Int] {
        let count = paths.count
        var order = Array(0..<count)
        // What is added to a state comes behind it.
        var sorted = min(count, 1)
        while sorted < count, paths[sorted - 1] < paths[sorted] { sorted += 1 }
        if sorted == count { return order }
        // One behind the other: to compare two paths touches nothing else, and counts no references.
        var bytes: [UInt8] = []
        var starts: [Int] = []
        starts.reserveCapacity(count + 1)
        bytes.reserveCapacity(paths.reduce(0) { $0 + $1.bytes.count })
        for path in paths {
            starts.append(bytes.count)
            bytes.append(contentsOf: path.bytes)
        }
        starts.append(bytes.count)
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            starts.withUnsafeBufferPointer { starts in
                func isBefore(_ a: Int, _ b: Int) -> Bool {
                    let (x, y) = (starts[a + 1] - starts[a], starts[b + 1] - starts[b])
                    let result = memcmp(base + starts[a], base + starts[b], min(x, y))
                    return result != 0 ? result < 0 : x != y ? x < y : a < b
                }
                if sorted < count / 2 { return order.sort(by: isBefore) }
                let added = order[sorted...].sorted(by: isBefore)
                order = merged(order[..<sorted], added[...], isBefore)
            }
        }
        return order
    }

    private static func merged(
        _ a: ArraySlice<Int>, _ b: ArraySlice<Int>, _ isBefore: (Int, Int) -> Bool
    ) -> [Int] {
        var (a, b) = (a, b)
        var result: [Int] = []
        result.reserveCapacity(a.count + b.count)
        while let first = a.first, let second = b.first {
            if isBefore(second, first) {
                result.append(second)
                b.removeFirst()
            } else {
                result.append(first)
                a.removeFirst()
            }
        }
        return result + a + b
    }
}
