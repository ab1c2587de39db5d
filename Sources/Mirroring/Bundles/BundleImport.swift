import Archive
import Basics
import FileSystem
import Hashing
import Store

/// Takes one bundle in: reads and verifies all of it, and only then makes anything visible.
struct BundleImport {
    let engine: Engine
    let bundle: BundleSet
    let options: ImportOptions
    private var description: BundleDescription { bundle.description }
    private var store: StoreDirectory { engine.store }

    func run(
        _ report: inout ImportReport, progress: (Int, Int64, (files: Int, bytes: Int64)) -> Void
    ) throws {
        if options.verifiesOnly {
            let contents = try readAttachments { _, _ in }
            let plan = try ImportPlan(engine, description, contents.attachments, forces: options.forces)
            let lacking = try contents.required.keys.filter { try store.blobs.size(of: $0) == nil }
            try checkBase(lacking)
            try readBlobs(
                isPresent: { try store.blobs.size(of: $0.digest) == $0.size }, into: nil, &report, progress)
            return try plan.describe(&report, engine)
        }
        // Whoever works on one of these repositories would get in the way at the end, hours later.
        let locks = try description.repositories.map { try store.locks.sync($0) }
        defer { withExtendedLifetime(locks) {} }
        let session = try store.blobs.beginSession(name: "import")
        do {
            try stage(session, &report, progress)
        } catch let error as ChantalError where error.code == .refused {
            // The refusal is what to tell; what cannot be removed now is removed as a leftover.
            try? session.discard()
            throw error
        } catch {
            // The first error is the one to tell; what was verified waits for the next session in any case.
            try? session.end()
            throw error
        }
        try session.end()
    }

    private func stage(
        _ session: any StagingSession, _ report: inout ImportReport,
        _ progress: (Int, Int64, (files: Int, bytes: Int64)) -> Void
    ) throws {
        let spool = try ManifestSpool(store.makeTemporaryDirectory("import"))
        let contents = try readAttachments { try spool.append($0, $1) }
        try spool.close()
        let plan = try ImportPlan(engine, description, contents.attachments, forces: options.forces)
        let required = Array(contents.required)
        let sizes = try session.rely(on: required.map(\.key))
        try checkBase(zip(required, sizes).filter { $1 != $0.value }.map(\.0.key))
        let own = description.volumes.flatMap { $0 }
        let present = Set(
            zip(own, try session.rely(on: own.map(\.digest))).filter { $1 == $0.size }.map(\.0.digest))
        let lacking = own.reduce(Int64(0)) { $0 + (present.contains($1.digest) ? 0 : $1.size) }
        try engine.requireSpace(for: lacking, of: "the import")
        try readBlobs(isPresent: { present.contains($0.digest) }, into: session, &report, progress)
        try engine.cancellation.check()
        try session.promote()
        try spool.store(in: engine.records, session)
        try ImportCommit(
            engine: engine, description: description, attachments: contents.attachments, plan: plan, session: session
        ).run(&report)
    }

    /// - Returns: the records, and the blobs that the states need but the bundle has not.
    private func readAttachments(
        _ keep: (BundleDescription.ManifestMember, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (attachments: BundleAttachments, required: [Digest: Int64]) {
        let volume = bundle.volumes[0]
        return try refusing(volume.name) {
            var required: [Digest: Int64] = [:]
            let attachments = try BundleAttachments(description, volume) { _, line in
                if let size = required.updateValue(line.size, forKey: line.digest), size != line.size {
                    throw ChantalError(.malformed, "the states disagree on the size of the blob \(line.digest)")
                }
            } keep: {
                try engine.cancellation.check()
                try keep($0, $1)
            }
            for blobs in description.volumes {
                for blob in blobs {
                    guard required.removeValue(forKey: blob.digest) == blob.size else {
                        throw ChantalError(.malformed, "no state needs the blob \(blob.digest) as it is declared")
                    }
                }
            }
            return (attachments, required)
        }
    }

    /// - Parameter missing: what the receiving side should have and has not.
    private func checkBase(_ missing: [Digest]) throws {
        guard let example = missing.min() else { return }
        let bases = description.bases.map { "\($0.name) (\($0.manifest))" }.joined(separator: ", ")
        let base = bases.isEmpty ? "something that it does not name" : bases
        throw ChantalError(
            .refused,
            "the bundle builds on \(base), and this store lacks \(missing.count == 1 ? "a file" : "\(missing.count) files") of that: \(missing.count == 1 ? "" : "the first is ")\(example)",
            hint: "import the bundle that it builds on first, or export again with --since what this store has")
    }

    /// Reads every blob of every volume, and verifies it.
    /// - Parameter session: where those go that are not there; nil only to look.
    private func readBlobs(
        isPresent: (BundleDescription.Blob) throws -> Bool, into session: (any StagingSession)?,
        _ report: inout ImportReport, _ progress: (Int, Int64, (files: Int, bytes: Int64)) -> Void
    ) throws {
        let total = (files: description.blobCount, bytes: description.blobBytes)
        for (volume, blobs) in zip(bundle.volumes, description.volumes) {
            try refusing(volume.name) {
                for blob in blobs {
                    try engine.cancellation.check()
                    try volume.expect(BundleNames.blob(blob.digest), size: blob.size)
                    let isPresent = try isPresent(blob)
                    if !isPresent {
                        report.newBlobs += 1
                        report.newBytes += blob.size
                    }
                    if !isPresent, let session {
                        try write(blob, volume, session)
                    } else if try volume.tar.digestOfMember() != blob.digest {
                        throw ChantalError(
                            .mismatch, "the bytes of '\(BundleNames.blob(blob.digest))' are not those of its name")
                    }
                    progress(1, blob.size, total)
                }
                try volume.expectEnd()
            }
        }
    }

    private func write(_ blob: BundleDescription.Blob, _ volume: BundleVolume, _ session: any StagingSession) throws {
        let writer = try session.writer(expected: [Checksum(blob.digest)], size: blob.size)
        do {
            while true {
                let chunk = try volume.tar.chunk()
                if chunk.isEmpty { break }
                try writer.write(chunk)
            }
            _ = try writer.finish()
        } catch {
            // What cannot be removed now goes with the session's directory.
            try? writer.abandon(keepPartial: false)
            throw ChantalError.wrap(error).within("'\(BundleNames.blob(blob.digest))' cannot be taken in")
        }
    }
}
