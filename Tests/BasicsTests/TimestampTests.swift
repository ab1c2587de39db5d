import Basics
import Foundation
import Testing

@Test("civil times agree with Foundation's calendar over four thousand years")
func civilTimes() throws {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(identifier: "UTC")
    var seconds: Int64 = -11_000_000_000  // 1621, after the Gregorian reform, where Foundation changes its calendar
    while seconds < 200_000_000_000 {
        let time = Timestamp(seconds: seconds)
        let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
        #expect(time.rfc3339 == expected)
        #expect(Timestamp(rfc3339: expected) == time)
        #expect(Timestamp(rfc2822: time.rfc2822()) == time)
        seconds += 98_765_431
    }
}

@Test("RFC 3339 is read with fractions, offsets and a space; nothing else is")
func rfc3339() {
    let time = Timestamp(seconds: 1_795_261_200)
    #expect(time.rfc3339 == "2026-11-21T11:40:00Z" && time.date == "2026-11-21")
    for text in [
        "2026-11-21T11:40:00Z", "2026-11-21t11:40:00z", "2026-11-21 11:40:00Z", "2026-11-21T11:40:00.123456Z",
        "2026-11-21T12:40:00+01:00", "2026-11-21T08:10:00-03:30",
    ] { #expect(Timestamp(rfc3339: text) == time, "\(text)") }
    for text in [
        "", "2026-11-21", "2026-11-21T11:40:00", "2026-11-21T11:40Z", "2026-11-21T11:40:00.Z", "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T11:60:00Z", "2026-11-21T11:40:00Zx", "2026-11-21T11:40:00+0100",
        "2026-11-21T11:40:00+24:00", "2026-11-21T11:40:00+01:60", "+026-11-21T11:40:00Z", "2026/11/21T11:40:00Z",
        "2026-11-21T11:40:00+01:0", "２０２６-11-21T11:40:00Z",
    ] { #expect(Timestamp(rfc3339: text) == nil, "\(text)") }
    #expect(Timestamp(rfc3339: "2024-02-29T00:00:00Z") != nil && Timestamp(rfc3339: "2000-02-29T00:00:00Z") != nil)
}

@Test("dates of Release files and HTTP headers are read; signs, wrong days and short years are not")
func rfc2822() {
    let time = Timestamp(seconds: 1_795_261_200)
    #expect(time.rfc2822() == "Sat, 21 Nov 2026 11:40:00 UTC")
    #expect(time.rfc2822(zone: "GMT") == "Sat, 21 Nov 2026 11:40:00 GMT")
    for text in [
        "Sat, 21 Nov 2026 11:40:00 UTC", "Sat, 21 Nov 2026 11:40:00 GMT", "21 nov 2026 11:40:00 +0000",
        "Sat,  21 Nov 2026 11:40:00 Z", "Sat, 21 Nov 2026 12:40:00 +0100", "21 Nov 2026 11:40:00",
        "Sat, 21 Nov 2026 08:10:00 -0330",
    ] { #expect(Timestamp(rfc2822: text) == time, "\(text)") }
    for text in [
        "", "Sat", "31 Feb 2026 00:00:00 UTC", "+21 Nov 2026 11:40:00 UTC", "21 Nov 26 11:40:00 UTC",
        "21 Nov 2026 11:+4:00 UTC", "21 Nov 2026 11:40 UTC", "21 Nov 2026 11:40:00 CET", "21 Nov 2026 11:40:00 +-100",
        "21 Nov 2026 11:40:00 +9999", "21 Nov 2026 11:40:00 +0160", "21 Nox 2026 11:40:00 UTC",
        "Sat, 21 Nov 2026 11:40:00 UTC more",
    ] { #expect(Timestamp(rfc2822: text) == nil, "\(text)") }
}

@Test("no number of seconds, however hostile, leaves the range")
func saturation() {
    let now = Timestamp(seconds: 1_795_261_200)
    #expect((now + .max).seconds == .max && (Timestamp(seconds: -10) + .min).seconds == .min)
    #expect(now - Timestamp(seconds: .min) == .max && Timestamp(seconds: .min) - now == .min)
    #expect(now + 5 - now == 5)
    #expect(!Timestamp(seconds: .max).rfc3339.isEmpty && !Timestamp(seconds: .min).rfc3339.isEmpty)
    #expect(Timestamp(seconds: -1).rfc3339 == "1969-12-31T23:59:59Z")
}
