import Basics
import Foundation
import TestSupport
import Testing

@Suite("Imports that are killed")
struct BundleCrashTests {
    @Test("after kill -9 at 50 random moments nothing is half visible, and a repeat ends well")
    func killed() throws {
        let seed =
            ProcessInfo.processInfo.environment["CHANTAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("imports killed: CHANTAL_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        let outside = try MirrorSite { upstream in
            for number in 0..<60 { try upstream.add(DebianPackage("p\(number)", content: noise(9000)), fast: true) }
        }
        try outside.sync()
        #expect(try outside.chantal("snapshot", "create", "debian", "first").status == 0)
        #expect(try outside.chantal("publish", "debian@first", "--as", "prod/debian").status == 0)
        let first = try outside.export("first.tar")
        try outside.add("gamma")
        try outside.sync()
        let second = try outside.export("second.tar", "--since", first)
        let untouched = try Inside()
        let length = try Subprocess.run(untouched.command(["import", first])).checked().seconds

        var killed = 0
        while killed < 50 {
            let inside = try Inside()
            let isSecond = Bool.random(using: &random)
            if isSecond { try inside.take(first) }
            let words = try inside.command(["import", isSecond ? second : first])
            let process = try Subprocess.spawn(words)
            pause(seconds: Double.random(in: 0..<length, using: &random))
            process.kill(SIGKILL)
            let result = try process.wait()
            if result.termination == .signalled(SIGKILL) { killed += 1 }
            let place: Comment = "CHANTAL_SEED=\(seed), kill \(killed)"
            // What is served is whole, before any other command has run.
            for name in ["debian", "prod/debian", "debian@first", "debian@1", "debian@2"]
            where Files.exists("\(inside.store)/public/\(name)/dists") {
                let isNow = try inside.serves(name, as: outside)
                let earlier = try Subprocess.run(
                    ["diff", "-r", "\(outside.store)/public/debian@1/", "\(inside.store)/public/debian/"])
                let wasThen = name == "debian" && earlier.status == 0
                #expect(isNow || wasThen, "\(place): \(name)")
            }
            let check = try inside.chantal("verify")
            #expect(check.status == 0, "\(place): \(check)")
            if !isSecond { try inside.take(first) }
            try inside.take(second)
            for name in ["debian", "prod/debian", "debian@first"] {
                #expect(try inside.serves(name, as: outside), "\(place): \(name)")
            }
            #expect(try inside.chantal("gc", "--grace", "0").status == 0, place)
            #expect(try Files.walk("\(inside.store)/tmp") == [], place)
            try inside.verify()
        }
    }

    @Test("SIGTERM ends an import with 143, and the next one need not write again what was verified")
    func terminated() throws {
        let outside = try MirrorSite { upstream in
            for number in 0..<30 { try upstream.add(DebianPackage("p\(number)", content: noise(9000)), fast: true) }
        }
        try outside.sync()
        let whole = try outside.export("whole.tar")
        let inside = try Inside()
        // The bundle stops in the middle: there is time to interrupt it.
        let size = try Files.status(whole).st_size
        let slow = "exec \"$@\" < <(head -c \(size / 2) '\(whole)'; sleep 60)"
        let process = try Subprocess.spawn(["bash", "-c", slow, "bash"] + inside.command(["import", "-"]))
        while try Files.walk("\(inside.store)/tmp").count < 10 { pause(seconds: 0.05) }
        process.kill(SIGTERM)
        let result = try process.wait()
        #expect(result.status == 143 && result.seconds < 30, "\(result.report)")
        let answer = try inside.take(whole)
        #expect((answer.json["new_files"] as? Int ?? 0) < (answer.json["files"] as? Int ?? 0))
        try inside.verify()
    }
}
