import Basics

/// What a file listed in a Release file is.
public enum IndexKind: Sendable, Hashable {
    /// Packages: stanzas of binary packages.
    case packages
    /// Packages of the installer's components (`debian-installer/binary-*`).
    case udebPackages
    /// Sources: stanzas of source packages.
    case sources
    /// Translation-*: long descriptions in one language.
    case translation(language: String)
    /// Contents-*: which package holds which file.
    case contents
    /// AppStream metadata and icons (`dep11`).
    case appstream
    /// Command names for command-not-found (`cnf`).
    case commands
    /// A Release file below the suite's own.
    case release
    /// Lists of checksums of installer images.
    case installer
    /// The Index of patches between states of another index (`*.diff/Index`).
    case patches
    case other
}

/// What the name of a listed file says, without its compression.
struct IndexName {
    var kind: IndexKind = .other
    /// Nil at the level of the suite.
    var component: String?
    var architecture: String?
    /// Belongs to source packages.
    var isSource = false
    /// Belongs to the installer's packages.
    var isUdeb = false

    /// - Parameters:
    ///   - path: relative to the Release file, without its compression's extension.
    ///   - components: those that the Release file names, as its paths write them.
    ///   - architectures: those that the Release file names, to find them in names of other files.
    init(_ path: RepositoryPath, components: [String], architectures: [String]) {
        var segments = path.description.split(separator: "/").map(String.init)
        let patches = segments.count > 1 && segments.last == "Index" && segments[segments.count - 2].hasSuffix(".diff")
        if patches {
            segments.removeLast()
            segments[segments.count - 1].removeLast(5)
        }
        let marker = segments.firstIndex(where: IndexName.isMarker) ?? -1
        if marker > 0 {
            component = segments[..<marker].joined(separator: "/")
        } else if marker < 0 {
            component = IndexName.longest(components, segments)
        }
        readDirectories(segments.dropLast(), architectures)
        readName(segments[segments.count - 1], architectures)
        if patches { kind = .patches }
    }

    /// Whether what stands before this segment is the component.
    private static func isMarker(_ segment: String) -> Bool {
        switch segment {
        case "source", "i18n", "dep11", "cnf", "debian-installer": true
        default:
            segment.hasPrefix("binary-") || segment.hasPrefix("installer-") || segment.hasPrefix("Contents-")
        }
    }

    private static func longest(_ components: [String], _ segments: [String]) -> String? {
        components.filter { component in
            let parts = component.split(separator: "/").map(String.init)
            return parts.count < segments.count && Array(segments.prefix(parts.count)) == parts
        }.max { $0.utf8.count < $1.utf8.count }
    }

    private mutating func readDirectories(_ directories: ArraySlice<String>, _ architectures: [String]) {
        for directory in directories {
            if directory == "source" {
                isSource = true
            } else if directory == "debian-installer" {
                isUdeb = true
            } else if let name = directory.after("binary-") {
                architecture = name
            } else if let name = directory.after("installer-") {
                architecture = name
                kind = .installer
            } else if architecture == nil {
                architecture = architectures.first { directory.hasSuffix("-\($0)") }
            }
        }
        if directories.last == "dep11" { kind = .appstream }
        if directories.last == "cnf" { kind = .commands }
    }

    private mutating func readName(_ name: String, _ architectures: [String]) {
        if kind == .installer { return }
        if name == "Packages" {
            kind = isUdeb ? .udebPackages : .packages
        } else if name == "Sources" {
            kind = .sources
            isSource = true
        } else if name == "Release" {
            kind = .release
        } else if let language = name.after("Translation-") {
            kind = .translation(language: language)
        } else if let rest = name.after("Contents-") {
            kind = .contents
            readContents(rest)
        } else if let rest = name.after(kind == .commands ? "Commands-" : "Components-") {
            let end = rest.firstIndex(of: ".") ?? rest.endIndex
            architecture = String(rest[..<end])
        } else if architecture == nil {
            let stem = name.prefix(while: { $0 != "." })
            architecture = architectures.first { stem.hasSuffix("-\($0)") }
        }
    }

    /// `amd64`, `source`, `udeb-amd64`.
    private mutating func readContents(_ rest: String) {
        if rest == "source" {
            isSource = true
        } else if let name = rest.after("udeb-") {
            isUdeb = true
            architecture = name
        } else {
            architecture = rest
        }
    }
}

extension String {
    /// What follows a prefix; nil without it, or if nothing follows.
    func after(_ prefix: String) -> String? {
        guard hasPrefix(prefix), utf8.count > prefix.utf8.count else { return nil }
        return String(dropFirst(prefix.count))
    }
}
