import Foundation
import TestSupport
import Testing

@Suite("A filter in a mirror and in a view of one mirror, from outside")
struct ViewParityTests {
    /// Mirrors and views of one mirror with the same filters, named `f0` and `v0` and so on.
    private func configure(_ site: ViewSite, _ repository: String, _ filters: [String]) throws {
        func lines(_ text: (Int, String) -> String) -> String {
            filters.enumerated().map { "  \(text($0.offset, $0.element))\n" }.joined()
        }
        try site.configure(
            "repositories:\n  whole: {\(repository)}\n" + lines { "f\($0): {\(repository), filter: \($1)}" }
                + "views:\n"
                + lines { "v\($0): {of: [whole], filter: \($1)}" })
        let answer = try site.chantal("sync")
        #expect(answer.status == 0, "\(answer)")
    }

    @Test("a view of one APT mirror holds what the mirror would with that filter, in the same indices")
    func archive() throws {
        let site = try ViewSite()
        let upstream = try DebianUpstream([DebianSuite("stable", components: ["main", "extra"])])
        for (number, name) in ["web", "web-data", "libweb", "tool", "libtool"].enumerated() {
            let next = ["web-data, libweb (>= 1.0-2) | tool", "libtool", "libtool", "nowhere", ""][number]
            for version in ["1.0-1", "1.0-2"] {
                let fields = [("Depends", next), ("Section", number % 2 == 0 ? "net" : "libs")]
                    .filter { !$0.1.isEmpty }
                try upstream.add(
                    DebianPackage(name, version, fields: fields), suite: "stable",
                    component: number % 2 == 0 ? "main" : "extra", fast: true)
            }
            try upstream.add(DebianSource(name, "1.0-2"))
        }
        try upstream.publish()
        let filters = [
            "{latest: 1}", "{include: [web], dependencies: true}", "{include: [web], latest: 1, dependencies: true}",
            "{sections: [net]}", "{exclude: [libtool], dependencies: true}", "{include: [\"lib* (<< 1.0-2)\"]}",
        ]
        let keys = "type: apt, upstream: \"file://\(upstream.root)\", suites: [stable], sources: true"
        try configure(site, "\(keys), keyring: \(upstream.keyring)", filters)
        for number in filters.indices {
            #expect(try site.packages("f\(number)") == site.packages("v\(number)"), "\(filters[number])")
            for index in ["main/binary-amd64/Packages", "extra/binary-amd64/Packages", "main/source/Sources"] {
                let (a, b) = try (
                    site.published("f\(number)/dists/stable/\(index)"),
                    site.published("v\(number)/dists/stable/\(index)")
                )
                #expect(a == b, "\(filters[number])")
            }
        }
        #expect(Set(try filters.indices.map { try site.packages("v\($0)") }).count == filters.count)
    }

    @Test("a view of one RPM mirror holds what the mirror would with that filter, in the same metadata")
    func repository() throws {
        let site = try ViewSite()
        let upstream = try RPMUpstream()
        for (number, name) in ["web", "web-debuginfo", "libweb", "tool", "libtool"].enumerated() {
            let next = ["libweb >= 2", "web", "/usr/share/tool.txt", "nowhere", "tool"][number]
            for version in ["1.0", "2.0"] {
                try upstream.add(
                    RPMPackage(
                        name, version, fields: [("Requires", next)],
                        files: name == "tool" ? [("/usr/share/tool.txt", "x")] : nil))
            }
        }
        upstream.comps = ViewDocuments.comps(["tools": ["tool", "libtool"]])
        upstream.documents = [
            (
                "modules", "modules.yaml",
                ViewDocuments.module("node", "18", package: "node-18.0-1", isDefault: true)
                    + ViewDocuments.module("node", "20", package: "node-20.0-1", isDefault: false)
            )
        ]
        for version in ["18.0", "20.0"] {
            let label = "node:\(version.prefix(2)):1:c"
            try upstream.add(RPMPackage("node", version, fields: [("ModularityLabel", label)]))
        }
        try upstream.publish()
        let filters = [
            "{latest: 1}", "{include: [web], dependencies: true}", "{include: [web], latest: 1, dependencies: true}",
            "{debug: false}", "{groups: [tools]}", "{modules: [\"node:18\"], exclude: [libtool], dependencies: true}",
        ]
        try configure(
            site, "type: rpm, upstream: \"file://\(upstream.root)\", keyring: \(upstream.keyring)", filters)
        for number in filters.indices {
            #expect(try site.packages("f\(number)") == site.packages("v\(number)"), "\(filters[number])")
            let lists = try ["f\(number)", "v\(number)"].map { name in
                try site.paths(name).filter { $0.hasPrefix("repodata/") }
            }
            // They are named by their content.
            #expect(lists[0] == lists[1], "\(filters[number])")
        }
        #expect(Set(try filters.indices.map { try site.packages("v\($0)") }).count == filters.count)
    }

    @Test("a view of one Python index holds what the index would with that filter, on the same pages")
    func index() throws {
        let site = try ViewSite()
        let upstream = try PyPIUpstream()
        try upstream.add(
            PythonPackage("alpha", "1.0", hasSource: true), PythonPackage("alpha", "1.1", requiresPython: ">=3.12"),
            PythonPackage("alpha", "2.0b1"),
            PythonPackage("beta", "1.0", tags: ["cp311-cp311-win_amd64", "cp311-cp311-manylinux_2_17_x86_64"]),
            PythonPackage("beta", "1.1", tags: [], hasSource: true), PythonPackage("gamma", "0.1.dev1"))
        upstream.edit("beta", "beta-1.1.tar.gz") { $0.yanked = "broken" }
        upstream.edit("alpha", "alpha-1.1-py3-none-any.whl") { $0.uploadTime = "2099-01-01T00:00:00Z" }
        try upstream.publish()
        let filters = [
            "{latest: 1}", "{include: [Alpha, \"beta (< 1.1)\"]}", "{formats: [wheel], prereleases: true}",
            "{yanked: false}", "{python: [3.11], platforms: [win_amd64]}", "{exclude: [\"*a\"]}",
            "{min_age: 1d, min_age_initial: true}",
        ]
        try configure(site, "type: pypi, upstream: \"file://\(upstream.root)/simple\"", filters)
        for number in filters.indices {
            #expect(try site.packages("f\(number)") == site.packages("v\(number)"), "\(filters[number])")
            let pages = try ["f\(number)", "v\(number)"].map { name in
                try site.paths(name).map { path in
                    path.hasSuffix(".html") || path.hasSuffix(".json")
                        ? try path + site.published("\(name)/\(path)") : path
                }
            }
            #expect(pages[0] == pages[1], "\(filters[number])")
        }
        #expect(Set(try filters.indices.map { try site.paths("v\($0)") }).count == filters.count)
    }
}
