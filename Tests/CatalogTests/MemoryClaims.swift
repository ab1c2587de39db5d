import Basics
import Testing

@testable import Catalog

extension CatalogConformance {
    static let memoryClaims = [
        CatalogConformance("validators are kept by repository and URL, without the URL's user") { open in
            let catalog = try open()
            let first = Validators(etag: "\"a\"", lastModified: nil, digest: Sample.digest(1))
            let second = Validators(etag: nil, lastModified: "Sat, 21 Nov 2026 11:40:00 GMT", digest: Sample.digest(2))
            try catalog.setValidators(first, repository: "r", url: "https://user:secret@host/InRelease")
            try catalog.setValidators(second, repository: "s", url: "https://host/InRelease")
            #expect(try open().validators(repository: "r", url: "https://host/InRelease") == first)
            #expect(try catalog.validators(repository: "s", url: "https://u:p@host/InRelease") == second)
            try catalog.setValidators(second, repository: "r", url: "https://host/InRelease")
            #expect(try catalog.validators(repository: "r", url: "https://host/InRelease") == second)
            try catalog.forgetValidators(repository: "r")
            #expect(try catalog.validators(repository: "r", url: "https://host/InRelease") == nil)
            #expect(try catalog.validators(repository: "s", url: "https://host/InRelease") == second)
        },
        CatalogConformance("a strong checksum names a blob everywhere, a weak one only where it was declared") { open in
            let catalog = try open()
            let strong = try #require(Checksum(.sha512, bytes: Array(repeating: 1, count: 64)))
            let weak = try #require(Checksum(.md5, bytes: Array(repeating: 1, count: 16)))
            let plain = Checksum(Sample.digest("plain"))
            try catalog.addAliases([(strong, Sample.digest(1)), (weak, Sample.digest(2))], repository: "r")
            #expect(try catalog.digest(for: strong, repository: "s") == Sample.digest(1))
            #expect(try catalog.digest(for: weak, repository: "r") == Sample.digest(2))
            #expect(try catalog.digest(for: weak, repository: "s") == nil)
            #expect(try catalog.digest(for: plain, repository: "s") == Sample.digest("plain"))
            #expect(
                try catalog.digests(for: [strong, weak, plain], repository: "s")
                    == [strong: Sample.digest(1), plain: Sample.digest("plain")])
            try catalog.index("t", 1, [Sample.row("p", alias: weak)])
            #expect(try catalog.digest(for: weak, repository: "t") == Sample.row("p").digest)
            try catalog.keepAliases { $0 != Sample.digest(1) }
            #expect(try catalog.digest(for: strong, repository: "r") == nil)
            #expect(try catalog.digest(for: weak, repository: "r") == Sample.digest(2))
        },
        CatalogConformance("an attempt whose process is gone reads as interrupted") { open in
            let catalog = try open()
            let ended = try catalog.beginAttempt(repository: "r", pid: 10, startedAt: Timestamp(seconds: 100))
            try catalog.finishAttempt(
                ended,
                AttemptOutcome(
                    result: .changed, finishedAt: Timestamp(seconds: 160), generation: 4, requests: 3, files: 2,
                    bytes: 1,
                    errors: "[{}]"))
            let failed = try catalog.beginAttempt(repository: "r", pid: 10, startedAt: Timestamp(seconds: 200))
            try catalog.finishAttempt(failed, AttemptOutcome(result: .failed, finishedAt: Timestamp(seconds: 201)))
            _ = try catalog.beginAttempt(repository: "r", pid: 11, startedAt: Timestamp(seconds: 300))
            _ = try catalog.beginAttempt(repository: "r", pid: 12, startedAt: Timestamp(seconds: 400))
            let attempts = try open().attempts(of: "r", limit: 10) { $0.pid == 12 }
            #expect(attempts.map(\.result) == [.running, .interrupted, .failed, .changed])
            #expect(attempts.last?.generation == 4)
            #expect(attempts.last?.finishedAt == Timestamp(seconds: 160))
            #expect(attempts.last?.errors == "[{}]")
            #expect(try catalog.attempts(of: "r", limit: 1) { _ in true }.count == 1)
            #expect(try catalog.lastSuccess(of: "r")?.id == ended)
            #expect(try catalog.lastSuccess(of: "s") == nil)
            #expect(throws: ChantalError(.notFound, "")) {
                try catalog.finishAttempt(9999, AttemptOutcome(result: .failed, finishedAt: Timestamp(seconds: 1)))
            }
        },
        CatalogConformance("old attempts are forgotten, the last success never") { open in
            let catalog = try open()
            let id = try catalog.beginAttempt(repository: "r", pid: 1, startedAt: Timestamp(seconds: 1))
            try catalog.finishAttempt(id, AttemptOutcome(result: .unchanged, finishedAt: Timestamp(seconds: 2)))
            for second in 1...1100 {
                _ = try catalog.beginAttempt(repository: "r", pid: 1, startedAt: Timestamp(seconds: Int64(second)))
            }
            #expect(try catalog.attempts(of: "r", limit: 5000) { _ in false }.count == 1001)
            #expect(try catalog.lastSuccess(of: "r")?.id == id)
        },
        CatalogConformance("signatures and small facts are remembered") { open in
            let catalog = try open()
            try catalog.rememberSignatures([Sample.digest(1), Sample.digest(2)], key: "AA")
            try catalog.rememberSignatures([Sample.digest(1)], key: "AA")
            #expect(try open().isSignatureVerified(Sample.digest(2), key: "AA"))
            #expect(try !catalog.isSignatureVerified(Sample.digest(2), key: "BB"))
            #expect(try !catalog.isSignatureVerified(Sample.digest(3), key: "AA"))
            try catalog.setValue("1", for: "k")
            try catalog.setValue("2", for: "k")
            #expect(try open().value(for: "k") == "2")
            try catalog.setValue(nil, for: "k")
            #expect(try catalog.value(for: "k") == nil)
        },
    ]
}
