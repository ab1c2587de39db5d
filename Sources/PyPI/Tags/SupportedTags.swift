/// The wheel tags that a target takes, in the order of preference (PEP 425; the order of `packaging.tags` for CPython).
public struct SupportedTags: Sendable {
    public let target: Target
    private let platformRanks: [String: Int]
    private let platformCount: Int
    /// Interpreter and ABI of the blocks in which a platform follows, by preference.
    private let blockRanks: [String: Int]

    public init(_ target: Target) {
        self.target = target
        let platforms = target.platform.tags
        platformCount = platforms.count + 1
        var ranks: [String: Int] = [:]
        for (rank, platform) in platforms.enumerated() where ranks[platform] == nil { ranks[platform] = rank }
        platformRanks = ranks
        var blocks: [String: Int] = [:]
        for (rank, block) in SupportedTags.blocks(target).enumerated() where blocks[block] == nil {
            blocks[block] = rank
        }
        blockRanks = blocks
    }

    /// Blocks with each platform, then those with `any`, which are marked by it.
    private static func blocks(_ target: Target) -> [String] {
        let (major, minor) = (target.major, target.minor)
        let own = "cp\(major)\(minor)"
        var abi = own
        if major == 3, minor < 8 { abi += "m" }
        if major == 2 { abi += "mu" }
        var blocks = ["\(own)-\(abi)"]
        let hasStable = major == 3 && minor >= 2
        if hasStable { blocks.append("\(own)-abi3") }
        blocks.append("\(own)-none")
        if hasStable, minor > 2 {
            for older in (2..<minor).reversed() { blocks.append("cp\(major)\(older)-abi3") }
        }
        let pure = ["py\(major)\(minor)", "py\(major)"] + (0..<minor).reversed().map { "py\(major)\($0)" }
        blocks += pure.map { "\($0)-none" }
        blocks += ([own] + pure).map { "\($0)-none-any" }
        return blocks
    }

    /// Lower is better; nil if the target does not take the tag.
    public func rank(of tag: WheelTag) -> Int? { rank("\(tag.python)-\(tag.abi)", tag.platform) }

    private func rank(_ block: String, _ platform: String) -> Int? {
        if platform == "any" { return blockRanks[block + "-any"].map { $0 * platformCount } }
        guard let place = platformRanks[platform], let rank = blockRanks[block] else { return nil }
        return rank * platformCount + place
    }

    /// The rank of a wheel's best tag; nil if it cannot be installed here.
    public func rank(of wheel: WheelFilename) -> Int? {
        var text = wheel.tagText
        return text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            guard let first = bytes.firstIndex(of: 0x2d, from: 0),
                let second = bytes.firstIndex(of: 0x2d, from: first + 1)
            else { return nil }
            let platforms = SupportedTags.members(bytes.slice((second + 1)..<bytes.count))
            var best: Int?
            for python in SupportedTags.members(bytes.slice(0..<first)) {
                for abi in SupportedTags.members(bytes.slice((first + 1)..<second)) {
                    let block = "\(python)-\(abi)"
                    for platform in platforms {
                        guard let rank = rank(block, platform) else { continue }
                        best = min(rank, best ?? rank)
                    }
                }
            }
            return best
        }
    }

    /// The tags of a compressed set.
    private static func members(_ set: UnsafeRawBufferPointer) -> [String] {
        var result: [String] = []
        var start = 0
        while let point = set.firstIndex(of: 0x2e, from: start) {
            result.append(set.slice(start..<point).text)
            start = point + 1
        }
        result.append(set.slice(start..<set.count).text)
        return result
    }

    public func isInstallable(_ wheel: WheelFilename) -> Bool { rank(of: wheel) != nil }

    /// The place of the wheel that clients prefer, of those of one version: the best tag, then the greatest build tag; the first
    /// of equals. Nil if none can be installed.
    public func best(of wheels: [WheelFilename]) -> Int? {
        var best: (index: Int, rank: Int)?
        for (index, wheel) in wheels.enumerated() {
            guard let rank = rank(of: wheel) else { continue }
            guard let current = best else {
                best = (index, rank)
                continue
            }
            if rank < current.rank || (rank == current.rank && isNewerBuild(wheel, than: wheels[current.index])) {
                best = (index, rank)
            }
        }
        return best?.index
    }

    private func isNewerBuild(_ a: WheelFilename, than b: WheelFilename) -> Bool {
        guard let left = a.build else { return false }
        return b.build.map { $0 < left } ?? true
    }
}
