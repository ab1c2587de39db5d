import Basics
import Hashing

/// All volumes of a bundle, in order.
struct BundleSet {
    let description: BundleDescription
    /// The SHA-256 of the description.
    let set: Digest
    let volumes: [BundleVolume]
    /// The description's bytes, where it is signed, and the signature.
    let signed: (text: [UInt8], signature: [UInt8])?

    /// Opens volumes given in any order.
    /// - Throws: ``ChantalError`` `refused`: no bundle, volumes of several bundles, a volume that is missing.
    init(_ inputs: [BundleInput]) throws {
        var volumes: [BundleVolume] = []
        var text: [UInt8] = []
        for input in inputs {
            try refusing(input.name) {
                volumes.append(try BundleVolume(input) { if text.isEmpty { text = $0 } })
            }
        }
        guard let first = volumes.first else { throw ChantalError(.usage, "no bundle is named") }
        if let other = volumes.first(where: { $0.set != first.set }) {
            throw ChantalError(
                .refused, "'\(first.name)' and '\(other.name)' are volumes of different bundles",
                hint: "import them one after the other")
        }
        volumes.sort { $0.number < $1.number }
        for (volume, next) in zip(volumes, volumes.dropFirst()) where volume.number == next.number {
            throw ChantalError(.refused, "'\(volume.name)' and '\(next.name)' are both volume \(volume.number)")
        }
        let description = try refusing(first.name) { try BundleParser.parse(text) }
        let count = description.volumes.count
        for volume in volumes where volume.count != count {
            throw ChantalError(.refused, "'\(volume.name)' says that there are \(volume.count) volumes, not \(count)")
        }
        let missing = (1...count).filter { number in !volumes.contains { $0.number == number } }
        if let lacking = missing.first {
            let some = missing.prefix(20).map(String.init)
            let names =
                missing.count == 1
                ? "volume \(lacking) of \(count) is"
                : missing.count > some.count
                    ? "volumes \(some.joined(separator: ", ")) and more of \(count) are"
                    : "volumes \(some.dropLast().joined(separator: ", ")) and \(some[some.count - 1]) of \(count) are"
            throw ChantalError(
                .refused, "\(names) missing",
                hint: "name all volumes at once, in any order; volume \(lacking) begins with VOLUME.\(lacking)")
        }
        for volume in volumes {
            try refusing(volume.name) { try BundleSet.check(volume, first, description) }
        }
        self.description = description
        self.volumes = volumes
        set = first.set
        signed = first.signature.map { (text, $0) }
    }

    private static func check(_ volume: BundleVolume, _ first: BundleVolume, _ description: BundleDescription) throws {
        guard volume.signature == first.signature else {
            throw ChantalError(.mismatch, "its signature is not that of '\(first.name)'")
        }
        var hasher = SHA256Hasher()
        description.sums(
            ofVolume: volume.number, set: volume.set, signature: volume.signature.map { sha256(of: $0) }
        ) { hasher.update($0) }
        guard hasher.finish() == volume.sums else {
            throw ChantalError(.mismatch, "\(BundleNames.sums(volume.number)) does not name what the bundle holds")
        }
    }
}

extension ChantalError.Code {
    /// A bundle is refused (exit status 3).
    public static let refused: Self = "refused"
}

/// Runs what looks at a bundle: whatever is wrong with the bundle is a refusal, whatever is wrong with this machine is not.
func refusing<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    let faults: Set<ChantalError.Code> = [.malformed, .mismatch, .tooLarge, .unsafePath, .signature]
    do {
        return try body()
    } catch let error as ChantalError where faults.contains(error.code) {
        var refusal = ChantalError(.refused, "the bundle '\(name)' is refused", path: name, cause: error)
        refusal.hint = error.hint ?? "nothing was changed; bring it over again"
        throw refusal
    }
}
