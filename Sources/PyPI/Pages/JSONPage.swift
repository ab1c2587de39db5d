import Basics

/// The JSON form of the simple API (PEP 691, 700, 714, 740, 792).
enum JSONPage {
    static func project(_ bytes: UnsafeRawBufferPointer, url: String) throws -> ProjectPage {
        var page = ProjectPage()
        var scanner = JSONScanner(bytes, document: url)
        let base = URLReference(url)
        var hasFiles = false
        try scanner.object { scanner, key in
            if key.equals("name") {
                page.name = try scanner.stringIfAny()
            } else if key.equals("meta") {
                page.serial = try meta(&scanner, url)
            } else if key.equals("_summary") {
                page.summary = try scanner.stringIfAny()
            } else if key.equals("_homepage") {
                page.homepage = try scanner.stringIfAny()
            } else if key.equals("project-status") {
                try status(&scanner, &page)
            } else if key.equals("files") {
                hasFiles = true
                try scanner.array { scanner in
                    guard page.files.count < PageReader.mostFiles else {
                        throw scanner.malformed("it has too many files")
                    }
                    page.files.append(try file(&scanner, base))
                }
            } else {
                try scanner.skip()
            }
        }
        try scanner.finish()
        guard hasFiles else { throw scanner.malformed("it has no 'files'") }
        return page
    }

    /// - Returns: the serial of the document, if it has one.
    private static func meta(_ scanner: inout JSONScanner, _ url: String) throws -> Int64? {
        var serial: Int64?
        try scanner.object { scanner, key in
            if key.equals("api-version") {
                if let version = try scanner.stringIfAny() { try PageReader.checkVersion(version, url) }
            } else if key.equals("_last-serial"), try scanner.kind() == .number {
                serial = try scanner.integer()
            } else {
                try scanner.skip()
            }
        }
        return serial
    }

    private static func status(_ scanner: inout JSONScanner, _ page: inout ProjectPage) throws {
        switch try scanner.kind() {
        case .string: page.status = try scanner.string()
        case .object:
            try scanner.object { scanner, key in
                if key.equals("status") {
                    page.status = try scanner.stringIfAny()
                } else if key.equals("reason") {
                    page.statusReason = try scanner.stringIfAny()
                } else {
                    try scanner.skip()
                }
            }
        default: try scanner.skip()
        }
        if page.status?.isEmpty == true { page.status = nil }
        if page.statusReason?.isEmpty == true { page.statusReason = nil }
    }

    private static func file(_ scanner: inout JSONScanner, _ base: URLReference) throws -> ProjectFile {
        var file = ProjectFile(filename: "", url: "")
        var reference: String?
        var legacyMetadata = CoreMetadata?.none
        var metadata = CoreMetadata?.none
        try scanner.object { scanner, key in
            if key.equals("filename") {
                file.filename = try scanner.stringIfAny() ?? ""
            } else if key.equals("url") {
                reference = try scanner.stringIfAny()
            } else if key.equals("hashes") {
                try checksums(&scanner) { file.declare($0, $1) }
            } else if key.equals("requires-python") {
                file.requiresPython = try scanner.stringIfAny().flatMap { $0.isEmpty ? nil : $0 }
            } else if key.equals("yanked") {
                file.yanked = try yanked(&scanner)
            } else if key.equals("core-metadata") {
                metadata = try coreMetadata(&scanner)
            } else if key.equals("dist-info-metadata") {
                legacyMetadata = try coreMetadata(&scanner)
            } else if key.equals("size") {
                if try scanner.kind() == .number { file.size = try scanner.integer() } else { try scanner.skip() }
            } else if key.equals("upload-time") {
                if let text = try scanner.stringIfAny() { file.setUploadTime(text) }
            } else if key.equals("provenance") {
                file.provenance = try scanner.stringIfAny().flatMap { $0.isEmpty ? nil : $0 }
            } else if key.equals("_why"), try scanner.kind() == .array {
                try scanner.array { scanner in
                    if let text = try scanner.stringIfAny(), file.why.count < 100 { file.why.append(text) }
                }
            } else {
                try scanner.skip()
            }
        }
        guard let reference, !reference.isEmpty else { throw scanner.malformed("a file has no 'url'") }
        let resolved = URLReference(reference).resolved(against: base)
        file.url = resolved.requestText
        if file.filename.isEmpty { file.filename = resolved.filename }
        file.coreMetadata = metadata ?? legacyMetadata ?? .none
        file.provenance = file.provenance.map { URLReference($0).resolved(against: base).requestText }
        return file
    }

    private static func checksums(_ scanner: inout JSONScanner, _ body: (String, String) -> Void) throws {
        guard try scanner.kind() == .object else { return try scanner.skip() }
        try scanner.object { scanner, key in
            let algorithm = key.text
            if let hex = try scanner.stringIfAny() { body(algorithm, hex) }
        }
    }

    private static func yanked(_ scanner: inout JSONScanner) throws -> String? {
        switch try scanner.kind() {
        case .flag: return try scanner.flag() ? "" : nil
        case .string:
            let reason = try scanner.string()
            return reason.isEmpty ? nil : reason
        default:
            try scanner.skip()
            return nil
        }
    }

    /// Nil for null, as if the key were absent.
    private static func coreMetadata(_ scanner: inout JSONScanner) throws -> CoreMetadata? {
        switch try scanner.kind() {
        case .flag: return try scanner.flag() ? .unhashed : CoreMetadata.none
        case .object:
            var known: [Checksum] = []
            try checksums(&scanner) { algorithm, hex in
                // A checksum that is none can prove nothing; the file is then made from the wheel.
                if let checksum = try? Checksum.declared(algorithm, hex) { known.append(checksum) }
            }
            return known.isEmpty ? .unhashed : .hashed(known)
        default:
            try scanner.skip()
            return nil
        }
    }

    static func list(_ bytes: UnsafeRawBufferPointer, url: String) throws -> ProjectList {
        var list = ProjectList()
        var scanner = JSONScanner(bytes, document: url)
        var hasProjects = false
        try scanner.object { scanner, key in
            if key.equals("meta") {
                list.serial = try meta(&scanner, url)
            } else if key.equals("projects") {
                hasProjects = true
                try scanner.array { scanner in
                    var project = ProjectList.Project(name: "", serial: nil)
                    try scanner.object { scanner, key in
                        if key.equals("name") {
                            project.name = try scanner.stringIfAny() ?? ""
                        } else if key.equals("_last-serial"), try scanner.kind() == .number {
                            project.serial = try scanner.integer()
                        } else if key.equals("_page-serial"), try scanner.kind() == .number {
                            project.pageSerial = try scanner.integer()
                        } else if key.equals("_seen-serial"), try scanner.kind() == .number {
                            project.seenSerial = try scanner.integer()
                        } else {
                            try scanner.skip()
                        }
                    }
                    if project.name.isEmpty { throw scanner.malformed("a project has no 'name'") }
                    list.projects.append(project)
                }
            } else {
                try scanner.skip()
            }
        }
        try scanner.finish()
        guard hasProjects else { throw scanner.malformed("it has no 'projects'") }
        return list
    }
}
