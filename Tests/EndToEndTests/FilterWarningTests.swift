import TestSupport
import Testing

@Suite("Filters that match nothing")
struct FilterWarningTests {
    @Test("patterns of include that match nothing are named in a warning, for apt, rpm and views")
    func unmatched() throws {
        let home = try TestSupport.TemporaryDirectory("filters")
        let debian = try DebianUpstream([DebianSuite("stable")])
        try debian.add(DebianPackage("alpha"), fast: true)
        try debian.publish()
        let rpms = try RPMUpstream()
        for name in ["alpha", "alpha-debuginfo"] { try rpms.add(RPMPackage(name)) }
        try rpms.publish()
        let apt = "type: apt, upstream: \"file://\(debian.root)\", suites: [stable], keyring: \(debian.keyring)"
        let rpm = "type: rpm, upstream: \"file://\(rpms.root)\", keyring: \(rpms.keyring)"
        let some = "sign: false, filter: {include: [alpha, nosuchpkg, \"al*\"]}"
        try home.write(
            """
            store: store
            repositories:
              apt: {\(apt)}
              rpm: {\(rpm)}
              apt-some: {\(apt), \(some)}
              apt-none: {\(apt), sign: false, filter: {include: [nosuchpkg, "alpha (>= 99)"]}}
              rpm-some: {\(rpm), \(some)}
              rpm-debug: {\(rpm), sign: false, filter: {include: [alpha, alpha-debuginfo], debug: false}}
            views:
              apt-view: {of: [apt], \(some)}
              rpm-view: {of: [rpm], \(some)}

            """, to: "chantal.yaml")
        func chantal(_ words: String...) throws -> Answer {
            Answer(
                result: try Subprocess.run(
                    [try Project.chantal(), "--config", home.path("chantal.yaml")] + words, timeout: 120))
        }
        #expect(try chantal("init").status == 0)
        let sync = try chantal("sync")
        #expect(sync.status == 0, "\(sync)")
        let warnings = sync.prose.split(separator: "\n").filter { $0.contains("of 'include'") }
        for name in ["apt-some", "rpm-some", "apt-view", "rpm-view"] {
            let own = warnings.filter { $0.contains(name) }
            #expect(own.count == 1 && own[0].contains("no package matches 'nosuchpkg' of"), "\(sync)")
        }
        #expect(
            warnings.contains { $0.contains("apt-none") && $0.contains("'nosuchpkg', 'alpha (>= 99)' of") }, "\(sync)")
        #expect(warnings.count == 5, "\(sync)")
    }
}
