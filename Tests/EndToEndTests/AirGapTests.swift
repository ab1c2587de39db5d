import Basics
import Foundation
import TestSupport
import Testing

@Suite("Across the air gap")
struct AirGapTests {
    @Test("apt reads inside what was synced outside, and after a change the difference is enough")
    func clients() throws {
        let outside = try MirrorSite()
        try outside.sync()
        #expect(try outside.chantal("snapshot", "create", "debian", "first").status == 0)
        #expect(try outside.chantal("publish", "debian@first", "--as", "prod/debian").status == 0)
        let whole = try outside.export("whole.tar")
        #expect(try Files.read(whole) == Files.read(outside.export("again.tar")))

        let inside = try Inside()
        try inside.take(whole)
        try inside.verify()
        for name in ["debian", "debian@first", "prod/debian"] { #expect(try inside.serves(name, as: outside)) }
        let nginx = try NginxServer(root: "\(inside.store)/public")
        let client = try AptClient(
            sources: [AptClient.line("\(nginx.url)/debian", keyring: outside.upstream.keyring)])
        try client.update().checked()
        try client.installDownloadOnly("alpha").checked()

        let status = try inside.json("status")
        #expect(status.repository["state"] as? String == "unconfigured")
        let names = Set(status.list("publications").compactMap { $0["name"] as? String })
        #expect(names == ["debian", "prod/debian"])
        #expect(try inside.json("search", "alpha").list("packages").count == 1)

        try outside.add("gamma")
        try outside.sync()
        let next = try outside.export("next.tar", "debian", "--since", whole)
        try inside.take(next)
        try inside.verify()
        #expect(try inside.serves("debian", as: outside))
        #expect(try inside.serves("prod/debian", as: outside))
        try client.update().checked()
        try client.installDownloadOnly("gamma").checked()
        #expect(try nginx.errorLog == "")
        #expect(try inside.take(next).repository["status"] as? String == "unchanged")
    }

    @Test("a bundle since another bundle, a state or a status holds the change and nothing else")
    func since() throws {
        let outside = try MirrorSite { upstream in
            try upstream.add(DebianPackage("alpha", content: noise(300_000)))
        }
        try outside.sync()
        let whole = try outside.export("whole.tar")
        let inside = try Inside()
        try inside.take(whole)
        let status = outside.home.path("status.json")
        try Files.write(try inside.json("status").data, to: status)
        try outside.upstream.add(DebianPackage("beta", content: noise(50_000)))
        try outside.upstream.publish()
        try outside.sync()
        for base in [whole, status, "debian@1"] {
            let next = try outside.export("next.tar", "debian", "--since", base)
            let size = try Files.status(next).st_size
            #expect(size > 50_000 && size < 100_000, "\(base): \(size)")
            let fresh = try Inside()
            try fresh.refuse([next], saying: "builds on", "debian", "lacks")
            try fresh.take(whole)
            try fresh.take(next)
            #expect(try fresh.serves("debian", as: outside))
        }
        // Of what the other side has, nothing is known here.
        try Files.write("{\"repositories\":[],\"publications\":[]}", to: status)
        #expect(try outside.chantal("export", "-o", outside.home.path("x.tar"), "--since", status).status == 1)
        #expect(!Files.exists(outside.home.path("x.tar")))
    }

    @Test("through a pipe, and a pipe that breaks off")
    func pipe() throws {
        let outside = try MirrorSite()
        try outside.sync()
        let inside = try Inside()
        let export = "'\(try Project.chantal())' --config '\(outside.home.path("chantal.yaml"))' export -o -"
        let take = "'\(try Project.chantal())' --config '\(inside.home.path("chantal.yaml"))' import -"
        let broken = try Subprocess.run(["sh", "-c", "\(export) | head -c 20000 | \(take)"])
        #expect(broken.status == 3, "\(broken.report)")
        #expect(broken.stderr.contains("ends early"))
        try Subprocess.run(["sh", "-c", "\(export) | \(take)"]).checked()
        try inside.verify()
        #expect(try inside.serves("debian", as: outside))
    }

    @Test("volumes are no larger than said, are taken in any order, and one that is missing is named")
    func volumes() throws {
        let outside = try MirrorSite { upstream in
            for number in 0..<8 {
                try upstream.add(DebianPackage("p\(number)", content: noise(30_000 + number)))
            }
        }
        try outside.sync()
        try outside.export("v.tar", "--volume", "100kB")
        let files = try Files.names(outside.home.path).filter { $0.hasPrefix("v.") }.sorted()
        #expect(files.count > 2 && files[0] == "v.1.tar")
        let paths = files.map(outside.home.path)
        for path in paths { #expect(try Files.status(path).st_size <= 100_000) }
        let inside = try Inside()
        for (index, _) in paths.enumerated() {
            var others = paths
            others.remove(at: index)
            try inside.refuse(others, saying: "volume \(index + 1) of \(paths.count) is missing")
        }
        try inside.refuse([paths[0]], saying: "volumes 2", "and \(paths.count) of \(paths.count) are missing")
        try inside.refuse(paths + [paths[0]], saying: "are both volume 1")
        let whole = try outside.export("whole.tar")
        try inside.refuse([whole] + paths, saying: "different bundles")
        let answer = Answer(result: try Subprocess.run(inside.command(["import"] + paths.reversed())))
        #expect(answer.status == 0, "\(answer)")
        try inside.verify()
        #expect(try inside.serves("debian", as: outside))
        let small = try outside.chantal("export", "-o", outside.home.path("s.tar"), "--volume", "20kB")
        #expect(small.status == 2 && small.prose.contains("larger volumes"))
    }

    @Test("the script of docs/bundle-format.md checks volumes and signature, and sees a flipped bit")
    func script() throws {
        let page = try Files.text(Project.path("docs/bundle-format.md"))
        let text = try #require(page.components(separatedBy: "```sh\n").dropFirst().first)
        let gpg = try GPGHome()
        let key = try gpg.makeKey()
        let outside = try MirrorSite { upstream in
            for number in 0..<4 { try upstream.add(DebianPackage("p\(number)", content: noise(20_000 + number))) }
        }
        outside.top = ["signing: {key: \(key.fingerprint), home: \(gpg.path)}"]
        try outside.configure()
        try outside.sync()
        try outside.export("v.tar", "--volume", "60kB", "--sign")
        let script = try outside.home.write(text.components(separatedBy: "```")[0], to: "check-bundle")
        let keyring = try outside.home.write(gpg.exportPublic(key, armored: false), to: "ours.gpg")
        let unpacked = try outside.home.makeDirectory("unpacked")
        for file in try Files.names(outside.home.path).filter({ $0.hasPrefix("v.") }) {
            try Subprocess.run(["tar", "-xf", outside.home.path(file), "-C", unpacked]).checked()
        }
        let good = try Subprocess.run(["sh", script, unpacked, keyring]).checked()
        #expect(good.stdout.contains("blobs: good"))
        try Subprocess.run(["sh", script, unpacked]).checked()
        try Subprocess.run(["sh", "-c", "sha256sum --check --quiet --strict SHA256SUMS.*"], directory: unpacked)
            .checked()
        let blob = try #require(try Files.walk("\(unpacked)/blobs").first)
        try Subprocess.run(["chmod", "-R", "u+w", unpacked]).checked()
        try Files.flipByte("\(unpacked)/blobs/\(blob)", at: 10)
        #expect(try Subprocess.run(["sh", script, unpacked]).status != 0)
        try Files.flipByte("\(unpacked)/blobs/\(blob)", at: 10)
        try Subprocess.run(["sh", script, unpacked]).checked()
        try Files.remove("\(unpacked)/VOLUME.2")
        #expect(try Subprocess.run(["sh", script, unpacked]).status != 0)
    }

    @Test("a signature is asked for by the configuration or the command, and only the right key will do")
    func signature() throws {
        let gpg = try GPGHome()
        let (ours, theirs) = (try gpg.makeKey(), try gpg.makeKey())
        let outside = try MirrorSite()
        outside.top = ["signing: {key: \(ours.fingerprint), home: \(gpg.path)}"]
        try outside.configure()
        try outside.sync()
        let signed = try outside.export("signed.tar", "--sign")
        let plain = try outside.export("plain.tar")
        let right = try outside.home.write(gpg.exportPublic(ours), to: "ours.asc")
        let wrong = try outside.home.write(gpg.exportPublic(theirs), to: "theirs.asc")
        let inside = try Inside("bundle_keyring: \(wrong)\n")
        try inside.refuse([signed], saying: "BUNDLE.asc")
        let refusal = try inside.json("import", signed).json["error"] as? [String: Any]
        let hint = refusal?["hint"] as? String ?? ""
        #expect(hint.contains("`bundle_keyring:`"))
        try inside.refuse([plain], saying: "not signed")
        try inside.refuse([plain], ["--keyring", right], saying: "not signed")
        let forged = outside.home.path("forged.tar")
        try Forgery.make(
            signed, forged,
            "find('BUNDLE')[0][1] = find('BUNDLE')[0][1].replace(b'created_at 2', b'created_at 3'); reseal()")
        try inside.refuse([forged], ["--keyring", right], saying: "refused")
        let answer = try inside.json("import", signed, "--keyring", right)
        #expect(answer.status == 0, "\(answer)")
        #expect(answer.json["signed_by"] as? [String] == [ours.fingerprint])
        #expect(try outside.chantal("export", "-o", "-", "--sign", "--volume", "1GB").status == 2)
    }

    @Test("names that stand for other content are refused, and replaced by force")
    func conflicts() throws {
        let outside = try MirrorSite()
        try outside.sync()
        #expect(try outside.chantal("snapshot", "create", "debian", "stable").status == 0)
        let first = try outside.export("first.tar")
        #expect(try outside.chantal("snapshot", "delete", "debian@stable").status == 0)
        try outside.add("gamma")
        try outside.sync()
        #expect(try outside.chantal("snapshot", "create", "debian", "stable").status == 0)
        let second = try outside.export("second.tar")
        let inside = try Inside()
        try inside.take(first)
        #expect(try inside.chantal("publish", "debian@stable", "--as", "mine").status == 0)
        try inside.refuse([second], saying: "has a snapshot 'debian@stable' with other content")
        #expect(try inside.chantal("import", second, "--force").status == 0)
        try inside.verify()
        #expect(try inside.serves("debian@stable", as: outside))
        #expect(try inside.serves("debian", as: outside))
        // What was pinned to the old one still serves it.
        #expect(try inside.chantal("diff", "debian@1", "debian@2").status == 0)
        let mine = try inside.json("publish", "--list").list("publications").first { $0["name"] as? String == "mine" }
        #expect(mine?["state"] as? String == "debian@1")
    }

    @Test("an older bundle after a newer one brings its states, and what is in force stays")
    func older() throws {
        let outside = try MirrorSite()
        try outside.sync()
        #expect(try outside.chantal("snapshot", "create", "debian", "first").status == 0)
        let old = try outside.export("old.tar", "debian@first")
        pause(seconds: 1.1)
        try outside.add("gamma")
        try outside.sync()
        let new = try outside.export("new.tar", "debian")
        let latest = try #require(try outside.json("status").repository["manifest"] as? String)
        let inside = try Inside()
        try inside.take(new)
        let answer = try inside.take(old)
        #expect((answer.json["warnings"] as? [String])?.isEmpty == false)
        try inside.verify()
        #expect(try inside.json("status").repository["manifest"] as? String == latest)
        #expect(try inside.serves("debian@first", as: outside))
        #expect(try inside.take(old).repository["status"] as? String == "unchanged")
        #expect(try inside.take(new).repository["status"] as? String == "unchanged")
        #expect(try inside.json("status").repository["manifest"] as? String == latest)
    }

    @Test("a repository may be imported and synced: each goes on from where the other ended")
    func both() throws {
        let outside = try MirrorSite()
        try outside.sync()
        let section = outside.section.map { "    \($0)\n" }.joined()
        let inside = try Inside("repositories:\n  debian:\n    type: apt\n" + section)
        func sync(_ status: String) throws {
            let answer = try inside.json("sync")
            #expect(answer.repository["status"] as? String == status, "\(answer)")
            let (here, there) = (try inside.json("status").repository, try outside.json("status").repository)
            #expect(here["manifest"] as? String == there["manifest"] as? String)
        }
        try sync("changed")
        try sync("unchanged")
        try outside.add("gamma")
        try outside.sync()
        try inside.take(try outside.export("next.tar", "--since", "debian@1"))
        try sync("unchanged")
        try sync("unchanged")
        try outside.add("delta")
        try outside.sync()
        try sync("changed")
        try inside.verify()
    }

    @Test("who works on the repository is not disturbed: exit status 75")
    func locked() throws {
        let outside = try MirrorSite()
        try outside.sync()
        let whole = try outside.export("whole.tar")
        let inside = try Inside()
        try inside.take(whole)
        let lock = "\(inside.store)/locks/sync/debian"
        let held = try Subprocess.run(["flock", lock] + inside.command(["import", whole]))
        #expect(held.status == 75, "\(held.report)")
    }

    @Test("a gc that runs all the time takes nothing from an import or an export")
    func garbage() throws {
        let outside = try MirrorSite { upstream in
            for number in 0..<40 { try upstream.add(DebianPackage("p\(number)"), fast: true) }
        }
        try outside.sync()
        let whole = try outside.export("whole.tar")
        for _ in 0..<5 {
            let inside = try Inside()
            let script = "while :; do \"$@\" gc --grace 0 || exit 1; done"
            let gc = try Subprocess.spawn(["sh", "-c", script, "sh"] + inside.command(["--quiet"]))
            let answer = try inside.json("import", whole)
            #expect(answer.status == 0, "\(answer)")
            gc.kill(SIGKILL, group: true)
            _ = try gc.wait()
            try inside.verify()
            #expect(try inside.serves("debian", as: outside))
        }
    }
}

/// Bytes that no compression makes smaller, the same for the same count.
func noise(_ count: Int) -> [UInt8] {
    var state = UInt64(count)
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 40)
    }
}
