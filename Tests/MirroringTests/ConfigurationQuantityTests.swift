import Store
import Testing

@testable import Mirroring

@Suite("Sizes, durations and names")
struct ConfigurationQuantityTests {
    @Test(
        "sizes are exact",
        arguments: [
            ("0", 0), ("1000", 1000), ("5GB", 5_000_000_000), ("5 GB", 5_000_000_000), ("2GiB", 2_147_483_648),
            ("1.5MiB", 1_572_864), ("0.5kB", 500), ("1KiB", 1024), ("1.5B", nil), ("0.3KiB", nil), ("5G", nil),
            ("GB", nil), ("", nil), ("1,5GB", nil), ("1.GB", nil), (".5GB", nil), ("1.2.3GB", nil), ("-5", nil),
            ("+5", nil), ("5  GB", nil), ("9223372036854775807", Int64.max), ("9223372036854775808", nil),
            ("10000000TB", nil), ("٣GB", nil), ("1e3", nil), ("0x10", nil),
        ] as [(String, Int64?)])
    func sizes(text: String, bytes: Int64?) { #expect(Quantity.bytes(text) == bytes) }

    @Test(
        "durations have a unit",
        arguments: [
            ("30s", 30), ("5m", 300), ("12h", 43_200), ("7d", 604_800), ("0", 0), ("0s", 0), ("2w", 1_209_600),
            ("30", nil), ("1W", nil),
            ("1h30m", nil), ("1.5h", nil), ("-1s", nil), ("99999999999999d", nil), ("9999999999999s", nil), ("s", nil),
        ] as [(String, Int64?)])
    func durations(text: String, seconds: Int64?) { #expect(Quantity.seconds(text) == seconds) }

    @Test(
        "what is shown reads back as the same value",
        arguments: [0, 1, 999, 1000, 1024, 1536, 86_400, 90, 5_000_000_000])
    func roundTrip(value: Int64) {
        #expect(Quantity.bytes(Quantity.size(value)) == value)
        #expect(Quantity.seconds(Quantity.duration(value)) == value)
    }

    @Test("names keep to their patterns")
    func names() {
        for good in ["a", "0", "debian", "a.b_c-d", String(repeating: "a", count: 64)] {
            #expect(StoreNames.isRepository(good), "\(good)")
        }
        for bad in ["", "A", ".a", "-a", "_a", "a/b", "a@b", "a b", "ä", String(repeating: "a", count: 65), "a\n"] {
            #expect(!StoreNames.isRepository(bad), "\(bad)")
        }
        for good in ["2026-11", "A", "v1.0", "12a"] { #expect(StoreNames.isSnapshot(good), "\(good)") }
        for bad in ["12", "", ".x", "a/b", "x@y"] { #expect(!StoreNames.isSnapshot(bad), "\(bad)") }
        for good in ["prod/debian", "a", "a/b/c"] { #expect(StoreNames.isPublication(good), "\(good)") }
        for bad in ["", "/a", "a/", "a//b", "a/../b", "A/b", ".trees/x"] {
            #expect(!StoreNames.isPublication(bad), "\(bad)")
        }
    }
}
