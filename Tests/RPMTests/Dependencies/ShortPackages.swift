import Basics
import Hashing
import TestSupport
import Testing
import XML

@testable import Mirroring
@testable import RPM

/// Packages in short: `name evr arch; requires: b >= 1, (c or d); provides: x = 2; files: /usr/bin/a; rest: /usr/share/a; stream: m:1`.
/// The files of `rest` stand in filelists only.
struct ShortPackages {
    let packages: [String]

    init(_ packages: String...) { self.packages = packages }

    init(_ packages: [String]) { self.packages = packages }

    private struct Parts {
        var name: String
        var evr: EVR
        var architecture: String
        var lists: [String: [String]] = [:]

        init(_ text: String) {
            let parts = text.split(separator: ";").map(ShortPackages.trimmed)
            let words = parts[0].split(separator: " ").map(String.init)
            name = words[0]
            evr = EVR(words.count > 1 ? words[1] : "1-1")
            architecture = words.count > 2 ? words[2] : "x86_64"
            for part in parts.dropFirst() {
                guard let colon = part.firstIndex(of: ":") else { continue }
                lists[String(part[..<colon])] = part[part.index(after: colon)...].split(separator: ",")
                    .map(ShortPackages.trimmed)
            }
        }

        var attributes: String {
            evr.bytes.withUnsafeBytes { bytes in
                let parts = EVRParts(bytes)
                let epoch = parts.epoch.isEmpty ? "0" : bytes.slice(parts.epoch).text
                return
                    "epoch=\"\(epoch)\" ver=\"\(bytes.slice(parts.version).text)\" rel=\"\(bytes.slice(parts.release).text)\""
            }
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func entry(_ text: String) -> String {
        let words = text.split(separator: " ").map(String.init)
        let flags = ["<": "LT", "<=": "LE", "=": "EQ", ">=": "GE", ">": "GT"]
        guard !text.hasPrefix("("), words.count == 3, let flag = flags[words[1]] else {
            return "<rpm:entry name=\"\(escaped(text))\"/>"
        }
        var version = Parts("x \(words[2])").attributes
        if !words[2].contains("-") { version = version.replacing(" rel=\"\"", with: "") }
        return "<rpm:entry name=\"\(escaped(words[0]))\" flags=\"\(flag)\" \(version)/>"
    }

    private func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "a", count: 64 - digits.count) + digits
    }

    /// primary.xml
    var primary: String {
        var text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"\(packages.count)\">\n"
        for (number, package) in packages.map(Parts.init).enumerated() {
            text +=
                "<package type=\"rpm\"><name>\(package.name)</name><arch>\(package.architecture)</arch><version \(package.attributes)/>"
            text += "<checksum type=\"sha256\" pkgid=\"YES\">\(id(number))</checksum><summary>s</summary>"
            text += "<description>d</description><packager/><url/><time file=\"1\" build=\"1\"/>"
            text += "<size package=\"1\" installed=\"1\" archive=\"1\"/><location href=\"p\(number).rpm\"/><format>"
            let own = "<rpm:entry name=\"\(package.name)\" flags=\"EQ\" \(package.attributes)/>"
            text += "<rpm:provides>\(own)\((package.lists["provides"] ?? []).map(Self.entry).joined())</rpm:provides>"
            if let requires = package.lists["requires"] {
                text += "<rpm:requires>\(requires.map(Self.entry).joined())</rpm:requires>"
            }
            for file in package.lists["files"] ?? [] { text += "<file>\(file)</file>" }
            text += "</format></package>\n"
        }
        return text + "</metadata>\n"
    }

    /// filelists.xml
    var filelists: String {
        var text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<filelists xmlns=\"http://linux.duke.edu/metadata/filelists\" packages=\"\(packages.count)\">\n"
        for (number, package) in packages.map(Parts.init).enumerated() {
            text +=
                "<package pkgid=\"\(id(number))\" name=\"\(package.name)\" arch=\"\(package.architecture)\"><version \(package.attributes)/>"
            for file in (package.lists["files"] ?? []) + (package.lists["rest"] ?? []) {
                text += "<file>\(Self.escaped(file))</file>"
            }
            text += "</package>\n"
        }
        return text + "</filelists>\n"
    }

    /// Writes `repodata/`.
    func write(to directory: TestSupport.TemporaryDirectory) throws {
        var text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><revision>1</revision>\n"
        for (type, document) in [("primary", primary), ("filelists", filelists)] {
            let digest = SHA256Hasher.hash(document)
            text +=
                "<data type=\"\(type)\"><checksum type=\"sha256\">\(digest)</checksum><location href=\"repodata/\(type).xml\"/><timestamp>1</timestamp><size>\(document.utf8.count)</size></data>\n"
            try directory.write(document, to: "repodata/\(type).xml")
        }
        try directory.write(text + "</repomd>\n", to: "repodata/repomd.xml")
    }

    func universe(defaults: [String] = [], leaving out: [String] = []) throws -> PackageUniverse {
        var universe = PackageUniverse()
        universe.setDefaults(defaults)
        let parts = packages.map(Parts.init)
        let reader = PrimaryReader(
            entries: { try universe.take($1) },
            { package in
                if out.contains(package.text(.name)) {
                    universe.drop(package, isLeftOut: true)
                } else {
                    universe.add(
                        package, at: package.number, evr: package.evr,
                        stream: parts[package.number].lists["stream"]?.first)
                }
            })
        let parser = try XMLParser(file: "primary.xml", root: "metadata", handler: reader)
        try Array(primary.utf8).withUnsafeBytes { try parser.write($0) }
        try parser.finish()
        return universe
    }

    /// What is selected, as `name-evr.arch`, sorted; and what is told.
    /// - Parameter roots: names, or whole `name-evr.arch`.
    func close(
        _ roots: String..., defaults: [String] = [], leaving out: [String] = []
    ) throws -> (packages: [String], warnings: [String]) {
        try close(roots: roots, defaults: defaults, leaving: out)
    }

    func close(
        roots: [String], defaults: [String] = [], leaving out: [String] = []
    ) throws -> (packages: [String], warnings: [String]) {
        let parts = packages.map(Parts.init)
        func label(_ number: Int) -> String {
            "\(parts[number].name)-\(parts[number].evr).\(parts[number].architecture)"
        }
        let asked = parts.indices.filter { roots.contains(parts[$0].name) || roots.contains(label($0)) }
        let closure = try closure(Set(asked), of: universe(defaults: defaults, leaving: out))
        return (closure.numbers.map(label).sorted(), closure.warnings)
    }

    /// The places of the packages that are selected for a name.
    func closedNumbers(_ name: String) throws -> Set<Int> {
        let asked = packages.indices.filter { packages[$0].hasPrefix("\(name) ") }
        return try closure(Set(asked), of: universe()).numbers
    }

    private func closure(_ roots: Set<Int>, of universe: PackageUniverse) throws -> PackageClosure {
        var resolver = PackageResolver(universe)
        func findFiles(_ paths: [[UInt8]]) throws -> [FoundFile] {
            let search = try FileSearch(paths, file: "filelists.xml")
            var splitter = PackageSplitter(file: "filelists.xml")
            try Array(filelists.utf8).withUnsafeBytes { try splitter.write($0) { try search.take($0) } }
            try search.finish()
            return search.found
        }
        return try PackageClosure.complete(roots, &resolver, check: {}, findFiles: findFiles)
    }
}

extension SHA256Hasher {
    fileprivate static func hash(_ text: String) -> Digest {
        var hasher = SHA256Hasher()
        Array(text.utf8).withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }
}
