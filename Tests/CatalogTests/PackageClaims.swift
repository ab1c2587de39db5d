import Basics
import Testing

@testable import Catalog

extension CatalogConformance {
    static let packageClaims = [
        CatalogConformance("a difference knows packages by group, name, version, architecture and content") { open in
            let catalog = try open()
            let (same, gone, new) = (Sample.row("same"), Sample.row("gone"), Sample.row("new"))
            var moved = same
            moved.path = "elsewhere"
            moved.summary = "told otherwise"
            var rebuilt = Sample.row("rebuilt")
            let before = rebuilt
            rebuilt.digest = Sample.digest("other bytes")
            var unmirrored = Sample.row("unmirrored")
            unmirrored.digest = nil
            var grown = unmirrored
            grown.size += 1
            try catalog.index("a", 1, [same, gone, before, unmirrored])
            try catalog.index("a", 2, [moved, new, rebuilt, grown])
            try catalog.index("b", 5, [moved, new, rebuilt, grown], type: "other")
            let a1 = RepositoryState(repository: "a", generation: 1)
            for other in [
                RepositoryState(repository: "a", generation: 2), RepositoryState(repository: "b", generation: 5),
            ] {
                let difference = try catalog.difference(a1, other)
                #expect(difference.onlyFirst == [gone, before, unmirrored].sorted())
                #expect(difference.onlySecond == [new, rebuilt, grown].sorted())
                let reversed = try catalog.difference(other, a1)
                #expect(reversed.onlyFirst == difference.onlySecond)
                #expect(reversed.onlySecond == difference.onlyFirst)
            }
            let none = try catalog.difference(a1, a1)
            #expect(none.onlyFirst.isEmpty && none.onlySecond.isEmpty)
        },
        CatalogConformance("the same package at two paths is no difference when one goes") { open in
            let catalog = try open()
            let one = Sample.row("p")
            var two = one
            two.path = "pool/other"
            try catalog.index("a", 1, [one, two])
            try catalog.index("a", 2, [one])
            let difference = try catalog.difference(
                RepositoryState(repository: "a", generation: 1), RepositoryState(repository: "a", generation: 2))
            #expect(difference.onlyFirst.isEmpty && difference.onlySecond.isEmpty)
        },
        CatalogConformance("a package that left and came back is the same package") { open in
            let catalog = try open()
            let row = Sample.row("p")
            try catalog.index("a", 1, [row])
            try catalog.index("a", 2, [])
            try catalog.index("a", 3, [row])
            let states = [1, 2, 3].map { RepositoryState(repository: "a", generation: $0) }
            #expect(try catalog.difference(states[0], states[2]).onlyFirst.isEmpty)
            #expect(try catalog.difference(states[0], states[1]).onlyFirst == [row])
            #expect(
                try catalog.search(words: ["p"], type: nil, repository: nil, states: Set(states), limit: nil).count == 1
            )
            let history = try catalog.history(ofPackage: "P", repository: nil)
            #expect(history.map(\.first) == [1, 3])
            #expect(history.map(\.last) == [1, 3])
            #expect(history.map(\.isCurrent) == [false, true])
        },
        CatalogConformance("a state that is not indexed is not found, rather than empty") { open in
            let catalog = try open()
            try catalog.index("a", 1, [])
            #expect(try catalog.packages("a", 1).isEmpty)
            #expect(throws: ChantalError(.notFound, "")) { try catalog.packages("a", 2) }
            #expect(throws: ChantalError(.notFound, "")) { try catalog.packages("b", 1) }
            #expect(throws: ChantalError(.notFound, "")) {
                try catalog.difference(
                    RepositoryState(repository: "a", generation: 1), RepositoryState(repository: "a", generation: 3))
            }
        },
    ]

    static let searchClaims = [
        CatalogConformance("names that begin with the word come first, then names that hold it, then summaries") {
            open in
            let catalog = try open()
            try catalog.index(
                "debian", 1,
                [
                    Sample.row("zz", summary: "talks to nginx"), Sample.row("libnginx-mod"),
                    Sample.row("a-nginx-thing"),
                    Sample.row("nginx-doc"), Sample.row("NGINX"), Sample.row("nginxx"),
                    Sample.row("aa", summary: "Nginxes"),
                    Sample.row("nothing"),
                ])
            #expect(
                try catalog.search(words: ["nginx"], limit: nil).map(\.name)
                    == ["NGINX", "nginx-doc", "nginxx", "a-nginx-thing", "aa", "zz"])
            for limit in 0...6 {
                #expect(
                    try catalog.search(words: ["Nginx"], limit: limit).map(\.name)
                        == Array(["NGINX", "nginx-doc", "nginxx", "a-nginx-thing", "aa", "zz"].prefix(limit)))
            }
        },
        CatalogConformance("all words must be there, wherever") { open in
            let catalog = try open()
            try catalog.index(
                "debian", 1,
                [
                    Sample.row("python3-numpy", summary: "fast arrays"),
                    Sample.row("numpy-doc", summary: "for python3"),
                    Sample.row("python3", summary: "language"),
                ])
            #expect(
                try catalog.search(words: ["pyth", "nump"], limit: nil).map(\.name) == ["python3-numpy", "numpy-doc"])
            #expect(try catalog.search(words: ["python3-num"], limit: nil).map(\.name) == ["python3-numpy"])
            #expect(try catalog.search(words: ["arrays fast"], limit: nil).map(\.name) == ["python3-numpy"])
            #expect(try catalog.search(words: ["numpy", "perl"], limit: nil).isEmpty)
        },
        CatalogConformance("signs count, and no word is taken for a command") { open in
            let catalog = try open()
            try catalog.index(
                "debian", 1,
                [
                    Sample.row("g++"), Sample.row("g--"), Sample.row("gcc", summary: "the C++ compiler"),
                    Sample.row("cc", summary: "the C compiler"), Sample.row("x", summary: "Größe \"quoted\" OR not"),
                ])
            #expect(try catalog.search(words: ["g++"], limit: nil).map(\.name) == ["g++"])
            #expect(try catalog.search(words: ["c++"], limit: nil).map(\.name) == ["gcc"])
            #expect(try catalog.search(words: ["größe"], limit: nil).map(\.name) == ["x"])
            for word in [
                "\"", "\"quoted\"", "*", "NOT", "OR", "NEAR(a b)", "name:", "x\u{0}y", "^g", "-", "a\"b\"*", "%", "'",
                "()",
            ] { _ = try catalog.search(words: [word, "x"], limit: nil) }
            #expect(try catalog.search(words: ["OR"], limit: nil).map(\.name) == ["x"])
            #expect(throws: ChantalError(.usage, "")) { try catalog.search(words: [" ", ""], limit: nil) }
            #expect(throws: ChantalError(.usage, "")) {
                try catalog.search(words: Array(repeating: "x", count: 1000), limit: nil)
            }
        },
        CatalogConformance("the latest generations are searched, and those that are named besides") { open in
            let catalog = try open()
            try catalog.index("debian", 1, [Sample.row("tool", "1")])
            try catalog.index("debian", 2, [Sample.row("tool", "2")])
            try catalog.index("debian", 3, [Sample.row("tool", "3"), Sample.row("other")])
            try catalog.index("rocky", 1, [Sample.row("tool", "9")], type: "rpm")
            func versions(
                _ states: Set<RepositoryState> = [], type: String? = nil, repository: String? = nil
            ) throws -> [String] {
                try catalog.search(words: ["tool"], type: type, repository: repository, states: states, limit: nil)
                    .map { "\($0.repository) \($0.type) \($0.version)" }
            }
            #expect(try versions() == ["debian apt 3", "rocky rpm 9"])
            #expect(
                try versions([RepositoryState(repository: "debian", generation: 1)])
                    == ["debian apt 1", "debian apt 3", "rocky rpm 9"])
            #expect(try versions(type: "rpm") == ["rocky rpm 9"])
            #expect(try versions(repository: "debian") == ["debian apt 3"])
            #expect(try versions(type: "rpm", repository: "debian").isEmpty)
            #expect(try versions([RepositoryState(repository: "debian", generation: 77)]).count == 2)
            try catalog.removeGeneration(3, of: "debian")
            #expect(try versions() == ["debian apt 2", "rocky rpm 9"])
            #expect(try catalog.search(words: ["other"], limit: nil).isEmpty)
        },
        CatalogConformance("a package in several groups is one hit") { open in
            let catalog = try open()
            try catalog.index(
                "debian", 1, ["stable/main", "updates/main", "security/main"].map { Sample.row("tool", group: $0) })
            #expect(try catalog.search(words: ["tool"], limit: nil).count == 1)
            #expect(try catalog.packages("debian", 1).count == 3)
        },
        CatalogConformance("where much is found, the first by name are the same whatever the limit") { open in
            let catalog = try open()
            let rows = (0..<9000).map { Sample.row("p\($0 &* 7919 % 9000)", "\($0 % 3)", summary: "a common word") }
            try catalog.index("debian", 1, rows)
            try catalog.index("rocky", 1, rows.map { Sample.row("q" + $0.name, summary: "common") }, type: "rpm")
            let all = try catalog.search(words: ["comm"], limit: nil)
            #expect(all.count == 18_000)
            #expect(all.map(\.name) == rows.map(\.name).sorted() + rows.map { "q" + $0.name }.sorted())
            for limit in [1, 10, 500, 3000] {
                #expect(try catalog.search(words: ["comm"], limit: limit) == Array(all.prefix(limit)))
            }
        },
    ]
}
