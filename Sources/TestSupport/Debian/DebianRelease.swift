import Basics

/// The Release file of one suite, and the by-hash copies of what it lists.
enum DebianRelease {
    static func text(_ upstream: DebianUpstream, _ suite: DebianSuite, now: Timestamp) throws -> String {
        let directory = suite.directory.isEmpty ? "." : suite.directory
        var options = ["Date": (suite.date ?? now).rfc2822(), "Origin": suite.origin, "Label": suite.origin]
        if !suite.isFlat {
            let all = suite.allPackages == .merged ? [] : ["all"]
            options["Suite"] = suite.name
            options["Codename"] = suite.codename ?? suite.name
            options["Components"] = suite.components.joined(separator: " ")
            options["Architectures"] = (all + suite.architectures).joined(separator: " ")
        }
        if suite.byHash { options["Acquire-By-Hash"] = "yes" }
        var arguments = ["apt-ftparchive", "-o", "APT::FTPArchive::Release::Patterns::=Commands-*"]
        arguments += options.sorted { $0.key < $1.key }.flatMap { ["-o", "APT::FTPArchive::Release::\($0)=\($1)"] }
        let whole = try Subprocess.run(arguments + ["release", directory], directory: upstream.root).checked().stdout
        let (head, sections) = parts(whole)

        var text = head
        // apt-ftparchive takes no moment for it.
        if let until = suite.validUntil { text += "Valid-Until: \(until.rfc2822())\n" }
        if suite.allPackages == .both { text += "No-Support-for-Architecture-all: Packages\n" }
        for (name, value) in suite.fields { text += "\(name): \(value)\n" }
        for hash in suite.hashes {
            let lines = (sections[hash] ?? []).filter { isListed($0, suite) }
            text += "\(hash):\n" + lines.map { $0 + "\n" }.joined()
            guard suite.byHash else { continue }
            for line in lines { try copyByHash(upstream, suite, hash, line) }
        }
        if !suite.servesPlain {
            // Not those of a suite whose name is below this one's.
            let lines = suite.hashes.flatMap { sections[$0] ?? [] }.filter { isListed($0, suite) }
            try removePlain(upstream, suite, lines)
        }
        return text
    }

    private static func parts(_ text: String) -> (head: String, sections: [String: [String]]) {
        var head = ""
        var sections: [String: [String]] = [:]
        var current: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix(" ") {
                if let current { sections[current, default: []].append(String(line)) }
            } else if line.hasSuffix(":"), ["MD5Sum:", "SHA1:", "SHA256:", "SHA512:"].contains(line) {
                current = String(line.dropLast())
            } else {
                head += line + "\n"
            }
        }
        return (head, sections)
    }

    private static func path(_ line: String) -> String { String(line.split(separator: " ").last ?? "") }

    /// A flat repository's Release does not list itself, nor indices of suites below it.
    private static func isListed(_ line: String, _ suite: DebianSuite) -> Bool {
        let path = path(line)
        if suite.isFlat { return !path.contains("/") && path != "Release" }
        let known = suite.components.contains { path.hasPrefix("\($0)/") }
        let isPlain = !["gz", "xz", "zst", "bz2", "lzma"].contains(String(path.split(separator: ".").last ?? ""))
        let isIndex = !path.hasSuffix("/Release") && !path.hasSuffix(".diff/Index")
        return known && !(isPlain && isIndex && !suite.compressions.contains(""))
    }

    private static func copyByHash(_ upstream: DebianUpstream, _ suite: DebianSuite, _ hash: String, _ line: String)
        throws
    {
        let words = line.split(separator: " ")
        let relative = path(line)
        let directory = relative.lastIndex(of: "/").map { String(relative[...$0]) } ?? ""
        let copy = upstream.path(suite.path("\(directory)by-hash/\(hash)/\(words[0])"))
        let source = upstream.path(suite.path(relative))
        // One that is there may have been damaged by a test.
        if try !Files.exists(copy) || Files.read(copy) != Files.read(source) { try Files.copy(source, to: copy) }
    }

    private static func removePlain(_ upstream: DebianUpstream, _ suite: DebianSuite, _ lines: [String]) throws {
        let known = Set(lines.map(path))
        for path in known where known.contains("\(path).gz") || known.contains("\(path).xz") {
            let words = lines.filter { self.path($0) == path }.compactMap { $0.split(separator: " ").first }
            try Files.remove(upstream.path(suite.path(path)))
            let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            for hash in suite.hashes {
                for word in words { try Files.remove(upstream.path(suite.path("\(directory)by-hash/\(hash)/\(word)"))) }
            }
        }
    }
}
