import Archive
import Basics

/// Divides blobs, in the order of their digests, into volumes of a given size.
struct VolumeDivision {
    /// No signature is larger.
    static let signatureRoom = 16 << 10

    let description: BundleDescription
    let isSigned: Bool
    /// In bytes; nil for one volume whatever its size.
    let limit: Int64?

    /// - Throws: ``ChantalError`` `usage` if something does not fit into any volume.
    func divide(_ blobs: [BundleDescription.Blob]) throws -> [[BundleDescription.Blob]] {
        guard let limit else { return [blobs] }
        var count = 1
        // The description is in each volume, and grows with their number.
        while true {
            let volumes = try divide(blobs, into: count, limit)
            if volumes.count <= count { return volumes }
            count = volumes.count
        }
    }

    private func divide(_ blobs: [BundleDescription.Blob], into count: Int, _ limit: Int64) throws
        -> [[BundleDescription.Blob]]
    {
        var whole = description
        whole.volumes = [blobs]
        var text: Int64 = 0
        whole.write { text += Int64($0.count) }
        // A line a volume: two numbers of at most 7 and one of at most 19 digits.
        text += Int64(count) * 48
        let signature = isSigned ? TarWriter.room(for: Int64(VolumeDivision.signatureRoom)) : 0
        let fixed = TarWriter.room(for: text) + signature + TarWriter.room(for: 512) + TarWriter.endSize
        // Beside the lines of its blobs, those of the members that every volume has.
        var sums: Int64 = 512
        var used = fixed
        for member in description.attachments {
            used += TarWriter.room(for: member.size)
            sums += VolumeDivision.sumsLine(nameLength: member.name.utf8.count)
        }
        if used + TarWriter.room(for: sums) > limit {
            throw ChantalError(
                .usage,
                "a volume of \(ByteCount.text(limit)) cannot hold the contents list and the manifests, which take \(ByteCount.text(used + sums))",
                hint: "take larger volumes")
        }
        var volumes: [[BundleDescription.Blob]] = [[]]
        let line = VolumeDivision.sumsLine(nameLength: BundleNames.blobNameLength)
        for blob in blobs {
            let room = TarWriter.room(for: blob.size)
            if used + room + TarWriter.room(for: sums + line) > limit {
                volumes.append([])
                (used, sums) = (fixed, 512)
                if used + room + TarWriter.room(for: sums + line) > limit {
                    throw ChantalError(
                        .usage,
                        "the blob \(blob.digest) of \(ByteCount.text(blob.size)) does not fit into a volume of \(ByteCount.text(limit))",
                        hint: "take larger volumes: files are not divided")
                }
            }
            used += room
            sums += line
            volumes[volumes.count - 1].append(blob)
        }
        return volumes
    }

    private static func sumsLine(nameLength: Int) -> Int64 { Int64(Digest.hexCount + 3 + nameLength) }
}
