import Basics
import FileSystem
import Store
import TestSupport
import Testing

@testable import Mirroring

@Suite("No web server takes a page for an earlier one")
struct PointerTimeTests {
    @Test("many pages are linked to their blobs; a few pointers are files of their own")
    func linked() throws {
        let states = try PageStates()
        try states.publish("demo", "a")
        #expect(try states.status("demo/p/100/index").links == 2)
        #expect(try states.engine.records.publication("demo")?.newest != nil)
        try states.publish("small", "b", count: 10)
        #expect(try states.status("small/p/100/index").links == 1)
    }

    @Test("states that follow each other within a second have times of their own")
    func sameSecond() throws {
        let states = try PageStates()
        for letters in ["a", "b", "ab", "ba", "a"] {
            try states.publish("demo", letters)
            try states.look(at: "demo", says: letters)
        }
    }

    @Test("blobs that came in the second of what was served are not linked, nor such as came before it")
    func sameArrival() throws {
        let states = try PageStates()
        let then = Clock.now() + -1000
        try states.publish("demo", "a", arrived: then)
        #expect(try states.status("demo/p/100/index").modified == then)
        try states.look(at: "demo", says: "a")
        try states.publish("demo", "b", arrived: then)
        try states.look(at: "demo", says: "b")
        #expect(try states.status("demo/p/100/index").links == 1)
        try states.publish("demo", "c", arrived: then + -5)
        try states.look(at: "demo", says: "c")
        try states.publish("demo", "d", arrived: Clock.now() + 1000)
        try states.look(at: "demo", says: "d")
        #expect(try states.status("demo/p/100/index").modified < Clock.now() + 100, "no blob is from the future")
    }

    @Test("a page that was away comes back with a later time, although all that stayed is older")
    func away() throws {
        let states = try PageStates()
        let then = Clock.now() + -1000
        try states.publish("demo", "a", arrived: then)
        try states.publish("demo", "ab", arrived: then + 100)
        try states.look(at: "demo", says: "ab")
        // What remains is of the first state: "b" pages have gone.
        try states.publish("demo", "a", count: 1, arrived: then)
        try states.publish("demo", "ac", arrived: then + 100)
        try states.look(at: "demo", says: "ac")
    }

    @Test("pinning an earlier state and following again, over and over")
    func rollback() throws {
        let states = try PageStates()
        try states.publish("demo", "a")
        try states.look(at: "demo", says: "a")
        try states.publish("demo", "ab")
        try states.publish("demo", "b")
        for (state, letters) in [("demo@1", "a"), ("demo@2", "ab"), ("demo", "b"), ("demo@1", "a"), ("demo", "b")] {
            try states.serve(state, as: "demo")
            try states.look(at: "demo", says: letters)
        }
        try states.publish("demo", "c")
        try states.look(at: "demo", says: "c")
    }

    @Test("two repositories that share pages, and a name that goes from one to the other")
    func shared() throws {
        let states = try PageStates()
        let then = Clock.now() + -1000
        try states.publish("one", "a", arrived: then)
        try states.publish("two", "ab", arrived: then)
        try states.publish("three", "bb", arrived: then)
        for (state, letters) in [("one", "a"), ("two", "ab"), ("three", "b"), ("one", "a"), ("two", "ab")] {
            try states.serve("\(state)@1", as: "shared")
            try states.look(at: "shared", says: letters)
        }
        #expect(try states.status("one/p/100/index").inode == states.status("two/p/100/index").inode)
    }

    @Test("a name that was taken away and is given again")
    func givenAgain() throws {
        let states = try PageStates()
        let then = Clock.now() + -1000
        try states.publish("one", "a", arrived: then)
        try states.publish("two", "b", arrived: then)
        for (state, letters) in [("one", "a"), ("two", "b"), ("one", "a")] {
            try states.serve("\(state)@1", as: "prod/pages")
            try states.look(at: "prod/pages", says: letters)
            try states.engine.unpublish("prod/pages")
        }
        let before = try Directory(path: states.publicPath).directory(".trees").names().count
        try states.serve("one@1", as: "prod/pages")
        #expect(try Directory(path: states.publicPath).directory(".trees").names().count == before, "the same tree")
    }

    @Test("a repository that was deleted and comes back, and one that takes its name")
    func deleted() throws {
        let states = try PageStates()
        let then = Clock.now() + -1000
        try states.publish("one", "a", arrived: then)
        try states.look(at: "one", says: "a")
        _ = try states.engine.deleteRepository("one", dryRun: false)
        try states.publish("one", "b", arrived: then)
        try states.look(at: "one", says: "b")
        _ = try states.engine.deleteRepository("one", dryRun: false)
        try states.publish("two", "c", arrived: then)
        try states.engine.renameRepository("two", to: "one")
        try states.look(at: "one", says: "c")
        try states.publish("two", "d", arrived: then)
        try states.look(at: "two", says: "d")
    }

    @Test("a store whose times were lost with a copy")
    func copiedStore() throws {
        let states = try PageStates()
        try states.publish("demo", "a")
        try states.publish("demo", "b")
        try states.look(at: "demo", says: "b")
        let now = Clock.now() + 5000
        let trees = try Directory(path: states.publicPath).directory(".trees")
        for tree in try trees.names() {
            for index in 0..<PageStates.count {
                try trees.setModified("\(tree)/p/\(index + 100)/index", seconds: now.seconds)
            }
            try trees.setModified(tree, seconds: now.seconds)
        }
        try states.look(at: "demo", says: "b")
        try states.serve("demo@1", as: "demo")
        try states.look(at: "demo", says: "a")
    }

    @Test("nginx answers with the new page whoever asks with the ETag of the old one")
    func conditionalRequests() throws {
        let states = try PageStates()
        try states.publish("demo", "a")
        let server = try NginxServer(root: states.publicPath)
        var tag = ""
        for letters in ["b", "a", "c"] {
            let old = try Subprocess.run(["curl", "-sSi", "\(server.url)/demo/p/100/index"]).checked().stdout
            tag = String(
                try #require(old.split(whereSeparator: \.isNewline).first { $0.hasPrefix("ETag: ") }).dropFirst(6))
            try states.publish("demo", letters)
            let answer = try Subprocess.run(
                ["curl", "-sSi", "-H", "If-None-Match: \(tag)", "\(server.url)/demo/p/100/index"]
            ).checked().stdout
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\(letters) of 100"), "\(answer)")
        }
    }
}
