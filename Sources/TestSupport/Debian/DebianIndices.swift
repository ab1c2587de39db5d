import Basics
import Glibc

/// Writes the indices of one suite.
struct DebianIndices {
    /// The stanzas of a kind by the path of their file below the root.
    struct Stanzas {
        var binaries: [String: String] = [:]
        var sources: [String: String] = [:]
        /// `path/in/package  [section/]name,…` lines.
        var contents: [String] = []
    }

    let upstream: DebianUpstream
    let suite: DebianSuite
    /// Plain files written, below the root.
    private var written: [String] = []

    init(upstream: DebianUpstream, suite: DebianSuite) {
        self.upstream = upstream
        self.suite = suite
    }

    /// Everything that apt-ftparchive reads from the files below a root.
    /// - Parameter translated: leaves the long texts out and has `Description-md5` instead.
    static func stanzas(root: String, translated: Bool) throws -> Stanzas {
        var result = Stanzas()
        let long = ["-o", "APT::FTPArchive::LongDescription=\(!translated)"]
        func run(_ arguments: [String]) throws -> String {
            try Subprocess.run(["apt-ftparchive"] + long + arguments, directory: root).checked().stdout
        }
        for arguments in [["packages", "."], ["-o", "APT::FTPArchive::Packages::Extensions=.udeb", "packages", "."]] {
            for stanza in split(try run(arguments)) {
                if let path = field("Filename", stanza) { result.binaries[path.dropPrefix("./")] = stanza }
            }
        }
        for stanza in split(try run(["sources", "."])) {
            let directory = (field("Directory", stanza) ?? ".").dropPrefix("./").dropPrefix(".")
            let name = stanza.split(separator: "\n").first { $0.hasSuffix(".dsc") }?.split(separator: " ").last
            if let name { result.sources[directory.isEmpty ? String(name) : "\(directory)/\(name)"] = stanza }
        }
        if !translated { result.contents = try run(["contents", "."]).split(separator: "\n").map(String.init) }
        return result
    }

    static func split(_ text: String) -> [String] {
        text.split(separator: "\n\n").map { $0.hasSuffix("\n") ? String($0) : "\($0)\n" }.filter { $0 != "\n" }
    }

    static func field(_ name: String, _ stanza: String) -> String? {
        let line = stanza.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.map { $0.dropFirst(name.count + 1).trimmed }
    }

    /// Writes the plain forms.
    mutating func write(long: Stanzas, short: Stanzas) throws {
        let stanzas = suite.translations.isEmpty ? long : short
        if suite.isFlat {
            try writePackages("Packages", members(nil, nil), long)
            if sources(nil).isEmpty == false { try writeSources("Sources", sources(nil), long) }
            return
        }
        for component in suite.components {
            var architectures = suite.architectures
            if suite.allPackages != .merged { architectures.append("all") }
            for architecture in architectures {
                let members = members(component, architecture)
                let directory = "\(component)/binary-\(architecture)"
                try writePackages("\(directory)/Packages", members.filter { !$0.isUdeb }, stanzas)
                try put(
                    "\(directory)/Release", Array(componentRelease(component, architecture).utf8), compressed: false)
                let udebs = members.filter(\.isUdeb)
                if !udebs.isEmpty {
                    let installer = "\(component)/debian-installer/binary-\(architecture)/Packages"
                    try writePackages(installer, udebs, long)
                }
                if suite.contents, !members.isEmpty {
                    try put("\(component)/Contents-\(architecture)", contents(members, long))
                }
                if suite.components11 { try writeAppStream(component, architecture) }
                if suite.commandNotFound {
                    try put("\(component)/cnf/Commands-\(architecture)", Array("suite: \(suite.name)\n".utf8))
                }
            }
            let sources = sources(component)
            if !sources.isEmpty { try writeSources("\(component)/source/Sources", sources, long) }
            for language in suite.translations { try writeTranslation(component, language, short) }
        }
    }

    private func members(_ component: String?, _ architecture: String?) -> [DebianUpstream.Member] {
        upstream.binaries.filter { member in
            guard member.suite == suite.name, component == nil || member.component == component else { return false }
            if architecture == nil || member.architecture == architecture { return true }
            return member.architecture == "all" && suite.allPackages != .separate
        }
    }

    private func sources(_ component: String?) -> [DebianUpstream.Member] {
        upstream.sources.filter { $0.suite == suite.name && (component == nil || $0.component == component) }
    }

    /// The Release file that lies beside an index.
    private func componentRelease(_ component: String, _ architecture: String) -> String {
        "Archive: \(suite.name)\nComponent: \(component)\nOrigin: \(suite.origin)\nArchitecture: \(architecture)\n"
    }

    private mutating func writePackages(_ path: String, _ members: [DebianUpstream.Member], _ stanzas: Stanzas) throws {
        var text = ""
        for member in members.sorted(by: { ($0.name, $0.path) < ($1.name, $1.path) }) {
            guard var stanza = stanzas.binaries[member.path] else {
                throw ChantalError(.io, "apt-ftparchive found no \(member.path)")
            }
            if !suite.isFlat { stanza = stanza.replacing("Filename: ./", with: "Filename: ") }
            text += onlyWantedHashes(stanza) + "\n"
        }
        try put(path, Array(text.utf8))
    }

    private mutating func writeSources(_ path: String, _ members: [DebianUpstream.Member], _ stanzas: Stanzas) throws {
        var text = ""
        for member in members.sorted(by: { ($0.name, $0.path) < ($1.name, $1.path) }) {
            guard let stanza = stanzas.sources[member.path] else {
                throw ChantalError(.io, "apt-ftparchive found no \(member.path)")
            }
            text += stanza.replacing("Directory: ./", with: "Directory: ") + "\n"
        }
        try put(path, Array(text.utf8))
    }

    private func onlyWantedHashes(_ stanza: String) -> String {
        let known = ["MD5sum", "SHA1", "SHA256", "SHA512"]
        let lines = stanza.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { line in
            !known.contains { line.hasPrefix("\($0):") && !suite.stanzaHashes.contains($0) }
        }.joined(separator: "\n")
    }

    private func contents(_ members: [DebianUpstream.Member], _ stanzas: Stanzas) -> [UInt8] {
        let names = Set(members.map(\.name))
        let lines = stanzas.contents.filter { line in
            guard let owners = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).last else { return false }
            return owners.split(separator: ",").contains { names.contains(String($0.split(separator: "/").last ?? "")) }
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private mutating func writeTranslation(_ component: String, _ language: String, _ short: Stanzas) throws {
        var text = ""
        for member in upstream.binaries where member.suite == suite.name && member.component == component {
            guard !member.isUdeb, let stanza = short.binaries[member.path],
                let digest = DebianIndices.field("Description-md5", stanza)
            else { continue }
            let lines = member.description.split(separator: "\n", omittingEmptySubsequences: false)
            text += "Package: \(member.name)\nDescription-md5: \(digest)\nDescription-\(language): \(lines[0])\n"
            for line in lines.dropFirst() { text += line.isEmpty ? " .\n" : " \(line)\n" }
            text += "\n"
        }
        try put("\(component)/i18n/Translation-\(language)", Array(text.utf8))
    }

    private mutating func writeAppStream(_ component: String, _ architecture: String) throws {
        let yaml = "---\nFile: DEP-11\nVersion: '0.14'\nOrigin: \(suite.name)-\(component)\n"
        try put("\(component)/dep11/Components-\(architecture).yml", Array(yaml.utf8))
        try put("\(component)/dep11/icons-64x64.tar", [UInt8](repeating: 0, count: 10_240))
    }

    private mutating func put(_ relative: String, _ bytes: [UInt8], compressed: Bool = true) throws {
        let path = suite.path(relative)
        let content = upstream.rewriteIndex?(relative, bytes) ?? bytes
        if suite.pdiffs, relative.hasSuffix("/Packages") {
            let former = upstream.formerPackages.updateValue(content, forKey: path)
            let names = try PackageDiffs.update(upstream.path(path), from: former, to: content)
            plain += names.map { "\(path).diff/\($0)" }
        }
        try Files.write(content, to: upstream.path(path))
        if compressed { written.append(path) } else { plain.append(path) }
    }

    /// Files that are listed as they are.
    private var plain: [String] = []

    /// Adds the compressed forms; gives all files, below the root.
    func compress() throws -> [String] {
        let programs = [
            "gz": ["gzip", "-9nkf"], "xz": ["xz", "-0kf"], "zst": ["zstd", "-qkf"], "bz2": ["bzip2", "-kf"],
            "lzma": ["xz", "--format=lzma", "-0kf"],
        ]
        var all = plain + written
        for form in suite.compressions where !form.isEmpty && !written.isEmpty {
            guard let program = programs[form] else { throw ChantalError(.notFound, "no compression .\(form)") }
            try Subprocess.run(program + written, directory: upstream.root).checked()
            all += written.map { "\($0).\(form)" }
        }
        return all
    }
}
