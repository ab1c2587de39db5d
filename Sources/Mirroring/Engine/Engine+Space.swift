import Basics

extension Engine {
    /// - Throws: `no_space` if the store's filesystem would be left with less than `min_free`.
    func requireSpace(for bytes: Int64, of what: String) throws {
        let free = try store.temporary.freeSpace()
        let least = configuration.minFree ?? 0
        guard free - bytes < least else { return }
        throw ChantalError(
            .noSpace,
            "\(what) needs \(ByteCount.text(bytes)), and \(ByteCount.text(free)) are free"
                + (least > 0 ? ", of which min_free keeps \(ByteCount.text(least))" : ""),
            hint: "make room (chantal gc)" + (least > 0 ? ", or lower min_free" : ""))
    }
}
