import Basics
import Store
import Testing

@Suite struct ConformanceTests {
    @Test("the local blob store conforms", arguments: BlobStoreConformance.claims)
    func blobs(_ claim: Claim<any BlobStore>) throws {
        var kept: [Scratch] = []
        try claim.check {
            let scratch = try Scratch()
            kept.append(scratch)
            return try scratch.open().blobs
        }
    }

    @Test("the local blob store conforms with an fsync for each file", arguments: BlobStoreConformance.claims)
    func blobsEach(_ claim: Claim<any BlobStore>) throws {
        var kept: [Scratch] = []
        try claim.check {
            let scratch = try Scratch()
            kept.append(scratch)
            return try StoreDirectory.open(at: scratch.path, durability: .each).blobs
        }
    }

    @Test("the local record store conforms", arguments: RecordStoreConformance.claims)
    func records(_ claim: Claim<any RecordStore>) throws {
        var kept: [Scratch] = []
        try claim.check {
            let scratch = try Scratch()
            kept.append(scratch)
            return try scratch.open().records
        }
    }
}
