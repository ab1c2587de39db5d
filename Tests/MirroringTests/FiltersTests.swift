import Basics
import Testing

@testable import Mirroring

@Suite("Filters")
struct FiltersTests {
    @Test(
        "globs match the whole name, byte by byte",
        arguments: [
            ("nginx", "nginx", true), ("nginx", "nginx-core", false), ("nginx*", "nginx-core", true),
            ("nginx*", "nginx", true), ("*nginx", "libnginx", true), ("*nginx", "nginx-x", false), ("*", "", true),
            ("*", "x/y", true), ("a?c", "abc", true), ("a?c", "ac", false), ("lib*-dev", "libfoo-dev", true),
            ("lib*-dev", "lib-dev-x", false), ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxcxxbxxaxx", false),
            ("a[0-9]z", "a5z", true), ("a[0-9]z", "axz", false), ("a[!0-9]z", "axz", true), ("a[^0-9]z", "a5z", false),
            ("[]x]", "]", true), ("[!]x]", "]", false), ("[a-]", "-", true), ("g++", "g++", true), ("\\*", "*", true),
            ("\\*", "x", false), ("**b", "aab", true), ("a*", "", false), ("?", "é", false), ("??", "é", true),
        ])
    func globs(pattern: String, name: String, isMatch: Bool) throws {
        #expect(try NamePattern(pattern, takesConstraint: false).matches(name: name) == isMatch)
    }

    @Test("a glob agrees with a naive matcher on random patterns")
    func randomGlobs() throws {
        func naive(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == UInt8(ascii: "*") {
                return naive(pattern.dropFirst(), name) || !name.isEmpty && naive(pattern, name.dropFirst())
            }
            guard let byte = name.first else { return false }
            return (first == UInt8(ascii: "?") || first == byte) && naive(pattern.dropFirst(), name.dropFirst())
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let pattern = (0..<Int.random(in: 1...6, using: &generator)).map { _ in Array("ab*?".utf8).randomElement()!
            }
            let name = (0..<Int.random(in: 0...7, using: &generator)).map { _ in Array("ab".utf8).randomElement()! }
            let glob = try #require(Glob(pattern))
            let text = "\(String(decoding: pattern, as: UTF8.self)) on \(String(decoding: name, as: UTF8.self))"
            #expect(name.withUnsafeBytes { glob.matches($0) } == naive(pattern[...], name[...]), "\(text)")
        }
    }

    @Test("many stars on a long name take no exponential time")
    func starBomb() throws {
        let pattern = try NamePattern(String(repeating: "*a", count: 200) + "b", takesConstraint: false)
        #expect(pattern.matches(name: [UInt8](repeating: 0x61, count: 5000)) == false)
    }

    @Test("a regular expression matches anywhere, on bytes that need not be text")
    func regexes() throws {
        let pattern = try NamePattern("/^linux-(image|headers)-[0-9.]+-amd64$/")
        #expect(pattern.matches(name: "linux-image-6.1.0-amd64"))
        #expect(!pattern.matches(name: "linux-image-6.1.0-amd64-dbg"))
        #expect(try NamePattern("/ssl/").matches(name: "libssl3"))
        #expect(try NamePattern("/^$/").matches(name: ""))
        #expect(try NamePattern("/^a.b$/").matches(name: [0x61, 0xff, 0x62]))
        #expect(try !NamePattern("/^a$/").matches(name: [0x61, 0x00, 0x62]))
    }

    @Test("one compiled expression serves several threads")
    func threads() async throws {
        let pattern = try NamePattern("/^(lib)?[a-z]+[0-9]*-(dev|doc)$/")
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<2000).filter { pattern.matches(name: "libx\($0)-\($0 % 2 == 0 ? "dev" : "dbg")") }.count
                }
            }
            for await count in group { #expect(count == 1000) }
        }
    }

    @Test(
        "a version constraint is cut off the name and kept as text",
        arguments: [
            ("nginx (>= 1.22)", "nginx", ">= 1.22"), ("nginx >= 1.22", "nginx", ">= 1.22"),
            ("numpy>=2", "numpy", ">=2"),
            ("numpy~=1.2", "numpy", "~=1.2"), ("numpy!=1.2", "numpy", "!=1.2"), ("nginx", "nginx", nil),
            ("lib[!a-z]* (= 1)", "lib9", "= 1"), ("/^nginx$/ (<< 2)", "nginx", "<< 2"),
            ("g++ >= 4:12", "g++", ">= 4:12"),
            ("numpy>=1,<2", "numpy", ">=1,<2"), ("a~b", "a~b", nil), ("[<=>]x", "=x", nil),
        ] as [(String, String, String?)])
    func constraints(text: String, name: String, constraint: String?) throws {
        let pattern = try NamePattern(text)
        #expect(pattern.constraint == constraint)
        #expect(pattern.matches(name: name))
    }

    @Test(
        "what is no pattern is refused",
        arguments: [
            "", " ", "[a", "[z-a]", "a\\", "/", "//", "/a", "/(/", "/[/", "a b", "a (1)", "a (>= 1", ">= 1", "a ()",
        ])
    func refused(text: String) { #expect(throws: ChantalError(.config, "")) { try NamePattern(text) } }

    private func rules(include: [String] = [], exclude: [String] = [], more: String = "") throws -> FilterRules {
        func list(_ items: [String]) -> String { "[" + items.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        let fixture = try ConfigurationFixture(
            "store: s\nrepositories:\n  r: {type: plain, upstream: \"https://a.test/\", filter: {include: \(list(include)), exclude: \(list(exclude))\(more)}}\n"
        )
        return try fixture.load().repositories[0].filterRules
    }

    @Test("patterns of include that match nothing are named, also where others match; one that another hides is not")
    func unmatched() throws {
        let rules = try rules(include: ["lib*", "libfoo", "nosuch", "curl (>= 9)", "/^ng/"], exclude: ["nginx"])
        #expect(rules.unmatched.count == 5)
        for name in ["libfoo", "libbar", "curl", "nginx", "bash"] {
            let taken = Array(name.utf8).withUnsafeBytes { rules.takes(name: $0) { _ in false } }
            #expect(taken == name.hasPrefix("lib"))
        }
        #expect(rules.unmatched == ["nosuch", "curl (>= 9)"])
        #expect(rules.warnings == ["no package matches 'nosuch', 'curl (>= 9)' of 'include'"])
        #expect(FilterRules().warnings.isEmpty)
    }

    @Test("include without patterns takes all, exclude wins, constraints are asked only where the name matches")
    func selection() throws {
        func takes(_ rules: FilterRules, _ name: String, version: Int = 1) -> Bool {
            Array(name.utf8).withUnsafeBytes { bytes in
                rules.takes(name: bytes) { constraint in
                    #expect(name.hasPrefix("nginx"))
                    return constraint == ">= \(version)"
                }
            }
        }
        #expect(takes(try rules(), "anything"))
        #expect(takes(FilterRules(), "anything"))
        let some = try rules(include: ["nginx*", "curl"], exclude: ["*-dbg"])
        #expect(takes(some, "nginx-core") && takes(some, "curl"))
        #expect(!takes(some, "nginx-dbg") && !takes(some, "bash"))
        let versioned = try rules(include: ["nginx (>= 2)"])
        #expect(takes(versioned, "nginx", version: 2))
        #expect(!takes(versioned, "nginx", version: 1))
        #expect(!takes(try rules(exclude: ["nginx (>= 2)"]), "nginx", version: 2))
        #expect(takes(try rules(exclude: ["nginx (>= 2)"]), "nginx", version: 1))
        let sized = try rules(more: ", max_size: 1kB")
        #expect(sized.takes(size: 1000) && sized.takes(size: nil) && !sized.takes(size: 1001))
    }

    struct Package: Hashable {
        let name, architecture: String
        let version: Int
        let copy: Int
    }

    @Test("the newest versions are kept per name and architecture, copies of a version together, in any order")
    func newest() {
        let packages = [
            Package(name: "a", architecture: "amd64", version: 1, copy: 0),
            Package(name: "a", architecture: "amd64", version: 3, copy: 0),
            Package(name: "a", architecture: "amd64", version: 3, copy: 1),
            Package(name: "a", architecture: "amd64", version: 2, copy: 0),
            Package(name: "a", architecture: "i386", version: 1, copy: 0),
            Package(name: "b", architecture: "amd64", version: 1, copy: 0),
        ]
        func keep(_ count: Int, _ packages: [Package]) -> Set<Package> {
            let kept = Newest.indices(
                of: packages, keeping: count, group: { [$0.name, $0.architecture] },
                isOlder: { $0.version < $1.version })
            #expect(kept == kept.sorted())
            return Set(kept.map { packages[$0] })
        }
        let one = Set(packages.filter { $0.version == 3 || $0.architecture == "i386" || $0.name == "b" })
        for _ in 0..<50 {
            #expect(keep(1, packages.shuffled()) == one)
            #expect(keep(2, packages.shuffled()).count == 5)
            #expect(keep(9, packages.shuffled()).count == 6)
        }
        #expect(keep(0, packages).isEmpty)
        #expect(keep(1, []).isEmpty)
    }

    @Test("a quarantine goes by upstream's date, else by when it was first seen, and tells when it ends")
    func quarantine() {
        let now = Timestamp(seconds: 1_000_000)
        func ago(_ seconds: Int64) -> Timestamp { Timestamp(seconds: now.seconds - seconds) }
        var gate = Quarantine(minimumAge: 100, includesInitial: false, now: now)
        func passes(_ date: Timestamp?, _ firstSeen: Timestamp?, initial: Bool = false) -> Bool {
            gate.releases(date: date, firstSeen: firstSeen, isInitial: initial)
        }
        #expect(passes(ago(100), nil))
        #expect(gate.nextRelease == nil)
        #expect(!passes(ago(99), ago(1000)))
        #expect(gate.nextRelease == Timestamp(seconds: now.seconds + 1))
        #expect(!passes(nil, ago(40)))
        #expect(passes(nil, ago(100)))
        #expect(!passes(nil, nil))
        #expect(!passes(Timestamp(seconds: Int64.max), nil))
        #expect(gate.nextRelease == Timestamp(seconds: now.seconds + 1))
        #expect(passes(ago(1), nil, initial: true))
        gate = Quarantine(minimumAge: 100, includesInitial: true, now: now)
        #expect(!passes(nil, nil, initial: true))
        #expect(gate.nextRelease == Timestamp(seconds: now.seconds + 100))
        #expect(passes(nil, ago(100), initial: true))
        gate = Quarantine(FilterRules(), now: now)
        #expect(passes(now, nil))
    }
}
