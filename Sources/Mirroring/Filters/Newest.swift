/// The newest versions of each group of packages.
public enum Newest {
    /// The places of the items to keep: in each group those of its `count` newest distinct versions. Items of equal version are
    /// kept or dropped together, so the order of the items decides nothing.
    /// - Parameters:
    ///   - group: what versions are counted within: name and architecture.
    ///   - isOlder: whether the first item's version is older than the second's; a strict weak order within a group.
    /// - Returns: in ascending order.
    public static func indices<Items: RandomAccessCollection, Group: Hashable>(
        of items: Items, keeping count: Int, group: (Items.Element) throws -> Group,
        isOlder: (Items.Element, Items.Element) throws -> Bool
    ) rethrows -> [Int] where Items.Index == Int {
        var groups: [Group: [Int]] = [:]
        for index in items.indices { groups[try group(items[index]), default: []].append(index) }
        var kept: [Int] = []
        kept.reserveCapacity(groups.count)
        for members in groups.values {
            let newestFirst = members.count == 1 ? members : try members.sorted { try isOlder(items[$1], items[$0]) }
            var versions = 0
            var previous: Int?
            for index in newestFirst {
                // Sorted, so a version differs from the one before only by being older.
                if try previous.map({ try isOlder(items[index], items[$0]) }) ?? true { versions += 1 }
                if versions > count { break }
                kept.append(index)
                previous = index
            }
        }
        return kept.sorted()
    }
}
