import Foundation
import TestSupport
import Testing

/// A store that no network reaches, and the real program on it.
final class Inside {
    let home: TestSupport.TemporaryDirectory
    /// The path of its store.
    var store: String { home.path("store") }

    /// - Parameter configuration: lines beside `store`.
    init(_ configuration: String = "") throws {
        home = try TestSupport.TemporaryDirectory("inside")
        try home.write("store: store\n\(configuration)", to: "chantal.yaml")
        #expect(try chantal("init").status == 0)
    }

    func command(_ words: [String]) throws -> [String] {
        [try Project.chantal(), "--config", home.path("chantal.yaml")] + words
    }

    func chantal(_ words: String...) throws -> Answer { Answer(result: try Subprocess.run(command(words))) }
    func json(_ words: String...) throws -> Answer { Answer(result: try Subprocess.run(command(["--json"] + words))) }

    /// Imports, and expects it to be done.
    @discardableResult
    func take(_ files: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> Answer {
        let answer = Answer(result: try Subprocess.run(command(["--json", "import"] + files)))
        #expect(answer.status == 0, "\(answer)", sourceLocation: sourceLocation)
        return answer
    }

    /// Imports, and expects a refusal that changes nothing and says these words.
    func refuse(
        _ files: [String], _ options: [String] = [], saying words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try listing()
        for more in [["--verify-only"], []] {
            let answer = Answer(result: try Subprocess.run(command(["--json", "import"] + files + options + more)))
            let error = answer.json["error"] as? [String: Any]
            #expect(answer.status == 3, "\(answer)", sourceLocation: sourceLocation)
            #expect(error?["code"] as? String == "refused", "\(answer)", sourceLocation: sourceLocation)
            for word in words where !word.isEmpty {
                let message = error?["message"] as? String ?? ""
                #expect(message.contains(word), "\(answer)", sourceLocation: sourceLocation)
            }
        }
        #expect(try listing() == before, sourceLocation: sourceLocation)
    }

    /// Names, sizes and inodes of everything that a client or a state depends on.
    func listing() throws -> [Substring] {
        try Subprocess.run(
            [
                "find", "blobs", "manifests", "public", "repositories", "publications", "-type", "f", "-printf",
                "%p %i %s\n", "-o", "-type", "l", "-printf", "%p %l\n",
            ], directory: store
        ).checked().stdout.split(separator: "\n").sorted()
    }

    /// Expects `verify` to find nothing.
    func verify(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let answer = try chantal("verify")
        #expect(answer.status == 0, "\(answer)", sourceLocation: sourceLocation)
    }

    /// Whether a name serves what it serves in another store, byte for byte.
    func serves(_ name: String, as site: MirrorSite) throws -> Bool {
        try Subprocess.run(["diff", "-r", "\(site.store)/public/\(name)/", "\(store)/public/\(name)/"]).status == 0
    }
}

extension MirrorSite {
    /// Exports to a file of this site.
    @discardableResult
    func export(
        _ file: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let path = home.path(file)
        let command = [try Project.chantal(), "--config", home.path("chantal.yaml"), "export", "-o", path] + words
        let result = try Subprocess.run(command)
        #expect(result.status == 0, "\(result.report)", sourceLocation: sourceLocation)
        return path
    }
}

/// Changes bundles by Python's tarfile: what a stranger might send.
enum Forgery {
    /// - Parameter script: gets `members`, a list of [name, bytes], and may set `special`, a list of TarInfo to append.
    static func make(_ source: String, _ target: String, _ script: String) throws {
        let program = """
            import io, sys, tarfile, hashlib, re
            sha = lambda b: hashlib.sha256(b).hexdigest()
            with tarfile.open(sys.argv[1]) as t:
                members = [[m.name, t.extractfile(m).read()] for m in t]
            special = []
            def find(prefix): return [m for m in members if m[0].startswith(prefix)]
            def seal(text):
                text = text[:text.index(b'sha256 ')] if b'\\nsha256 ' not in text else text[:text.rindex(b'\\nsha256 ') + 1]
                return text + b'sha256 ' + sha(text).encode() + b'\\n'
            def reseal():
                '''Makes description, header and sums fit what the members are now.'''
                bundle = find('BUNDLE')[0]
                bundle[1] = seal(bundle[1])
                find('VOLUME.1')[0][1] = b'chantal-volume 1\\nset %s\\nnumber 1\\nof 1\\n' % sha(bundle[1]).encode()
                sums = find('SHA256SUMS.1')[0]
                sums[1] = b''.join(b'%s  %s\\n' % (sha(b).encode(), n.encode()) for n, b in members if n != sums[0])
            \(script.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n"))
            with tarfile.open(sys.argv[2], 'w', format=tarfile.GNU_FORMAT) as t:
                for name, data in members:
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    t.addfile(info, io.BytesIO(data))
                for info in special: t.addfile(info)
            """
        try Subprocess.run(["python3", "-c", program, source, target]).checked()
    }
}
