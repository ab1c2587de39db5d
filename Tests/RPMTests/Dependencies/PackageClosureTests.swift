import Testing

@testable import RPM

@Suite("What a selection of RPM packages needs")
struct PackageClosureTests {
    @Test("names, versions, provisions and files are followed to the end, cycles too")
    func transitive() throws {
        let packages = ShortPackages(
            "a; requires: b >= 1, config(a) = 1-1, rpmlib(PayloadIsZstd) <= 5.4.18-1; provides: config(a) = 1-1",
            "b 1.5-1; requires: libx.so.1()(64bit), /usr/bin/tool", "x-libs; provides: libx.so.1()(64bit)",
            "tools; files: /usr/bin/tool; requires: a", "other; requires: a")
        let closed = try packages.close("a")
        #expect(closed.packages == ["a-1-1.x86_64", "b-1.5-1.x86_64", "tools-1-1.x86_64", "x-libs-1-1.x86_64"])
        #expect(closed.warnings.isEmpty)
    }

    @Test("files that primary does not tell of are looked for in filelists")
    func files() throws {
        let packages = ShortPackages(
            "a; requires: /usr/share/b/data & more, /opt/nowhere",
            "b; rest: /usr/share/b/data & more; requires: /srv/c",
            "c; rest: /srv/c", "d; rest: /usr/share/d")
        let closed = try packages.close("a")
        #expect(closed.packages == ["a-1-1.x86_64", "b-1-1.x86_64", "c-1-1.x86_64"])
        #expect(closed.warnings == ["a-1-1.x86_64 needs '/opt/nowhere', which nothing here provides"])
    }

    @Test("the newest version that fits is taken; of several packages the one of that name, then the shortest name")
    func preference() throws {
        let packages = ShortPackages(
            "a; requires: lib < 3", "b; requires: api", "c; requires: lib >= 2", "lib 1-1", "lib 2-1", "lib 2-2",
            "lib 1:0-1", "longer; provides: api = 1", "short; provides: api", "d; requires: mail",
            "mail-server; provides: mail",
            "mail")
        #expect(try packages.close("a").packages == ["a-1-1.x86_64", "lib-2-2.x86_64"])
        #expect(try packages.close("c").packages == ["c-1-1.x86_64", "lib-1:0-1.x86_64"])
        #expect(try packages.close("b").packages == ["b-1-1.x86_64", "short-1-1.x86_64"])
        #expect(try packages.close("b", "longer").packages == ["b-1-1.x86_64", "longer-1-1.x86_64"])
        #expect(try packages.close("d").packages == ["d-1-1.x86_64", "mail-1-1.x86_64"])
    }

    @Test("a package whose own requirements cannot be met gives way to one whose can")
    func broken() throws {
        let packages = ShortPackages(
            "a; requires: api", "s; provides: api; requires: t", "t; requires: gone", "longer; provides: api")
        let closed = try packages.close("a")
        #expect(closed.packages == ["a-1-1.x86_64", "longer-1-1.x86_64"] && closed.warnings.isEmpty)
        let single = try ShortPackages("a; requires: s", "s; requires: gone >= 2, kept", "kept").close(
            "a", leaving: ["kept"])
        #expect(single.packages == ["a-1-1.x86_64", "s-1-1.x86_64"])
        #expect(
            single.warnings == [
                "s-1-1.x86_64 needs 'gone >= 2', which nothing here provides (a → s)",
                "s-1-1.x86_64 needs 'kept', which the filter leaves out (a → s)",
            ])
    }

    static let rich: [(requires: String, roots: [String], kept: [String])] = [
        ("(b or c)", [], ["b"]),
        ("(gone or c)", [], ["c"]),
        ("(b or c)", ["c"], ["c"]),
        ("(b and c)", [], ["b", "c"]),
        ("(b if c)", [], []),
        ("(b if c)", ["c"], ["b", "c"]),
        ("(b if c else d)", [], ["d"]),
        ("(b if gone else d)", [], ["d"]),
        ("(b unless c)", [], ["b"]),
        ("(x = 1 with y)", [], ["xy"]),
        ("(x without y)", [], ["only-x"]),
        ("((b and gone) or (c and d))", [], ["c", "d"]),
        ("(late if needs-late)", ["needs-late"], ["late", "needs-late"]),
        ("(b if e)", ["wants-e"], ["b", "e", "wants-e"]),
    ]

    @Test("boolean dependencies", arguments: rich.indices)
    func boolean(row: Int) throws {
        let (requires, roots, kept) = PackageClosureTests.rich[row]
        let packages = ShortPackages(
            ["a; requires: \(requires)", "b", "c", "d", "e", "xy; provides: x = 1, y", "only-x; provides: x = 2"]
                + ["late", "needs-late", "wants-e; requires: e"])
        let asked = ["a-1-1.x86_64"] + roots.map { "\($0)-1-1.x86_64" }
        let closed = try packages.close(roots: asked)
        #expect(closed.packages == (["a"] + kept).sorted().map { "\($0)-1-1.x86_64" })
        #expect(closed.warnings.isEmpty)
    }

    @Test("what cannot be met in a boolean dependency is told as a whole")
    func unmetBoolean() throws {
        let closed = try ShortPackages("a; requires: (gone or lost), (b if c), (strange", "c").close("a", "c")
        #expect(
            Set(closed.warnings) == [
                "a-1-1.x86_64 needs '(gone or lost)', which nothing here provides",
                "a-1-1.x86_64 needs '(b if c)', which nothing here provides",
                "a-1-1.x86_64 needs '(strange', which nothing here provides",
            ])
    }

    @Test("packages of the same architecture and noarch come first; i686 brings its own libraries")
    func multilib() throws {
        let packages = ShortPackages(
            "app; requires: lib, data", "app 1-1 i686; requires: lib, shell, libc.so.6", "lib", "lib 1-1 i686",
            "data 1-1 noarch",
            "glibc; provides: libc.so.6()(64bit)", "glibc 1-1 i686; provides: libc.so.6", "shell")
        #expect(
            try packages.close("app-1-1.x86_64").packages == ["app-1-1.x86_64", "data-1-1.noarch", "lib-1-1.x86_64"])
        #expect(
            try packages.close("app-1-1.i686").packages
                == ["app-1-1.i686", "glibc-1-1.i686", "lib-1-1.i686", "shell-1-1.x86_64"])
    }

    @Test("a package for all architectures brings what it needs for each that has it")
    func noarch() throws {
        let packages = ShortPackages(
            "script 1-1 noarch; requires: shell", "shell", "shell 1-1 i686", "shell 1-1 aarch64", "x", "y 1-1 aarch64")
        #expect(
            try packages.close("script").packages == ["script-1-1.noarch", "shell-1-1.aarch64", "shell-1-1.x86_64"])
    }

    @Test("packages of streams that clients do not see come last; a stream's own packages belong together")
    func modules() throws {
        let packages = ShortPackages(
            "app; requires: node", "node 18-1; stream: node:18", "node 20-1; stream: node:20",
            "npm; requires: node; stream: node:20",
            "tool; requires: only18", "only18; stream: node:18; provides: o")
        #expect(try packages.close("app", defaults: ["node:18"]).packages == ["app-1-1.x86_64", "node-18-1.x86_64"])
        #expect(try packages.close("npm", defaults: ["node:18"]).packages == ["node-20-1.x86_64", "npm-1-1.x86_64"])
        #expect(try packages.close("tool").packages == ["only18-1-1.x86_64", "tool-1-1.x86_64"])
    }
}
