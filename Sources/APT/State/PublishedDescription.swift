import Basics
import Compression
import Mirroring

extension APTEcosystem {
    public static func describe(_ package: PackageRow, in state: StateReader) throws -> PackageDescription? {
        let suites = PublishedSuites(state)
        let isSource = package.architecture == "source"
        for index in suites.indexes() where index.group == package.group && (index.kind == .sources) == isSource {
            var found: PackageDescription?
            var md5: String?
            let file = index.path.description
            try IndexReader.stanzas(of: state.open(index.digest), index.format, plainSize: nil, file: file) { stanza in
                guard found == nil, StanzaText.isPackage(stanza, package) else { return }
                found = PackageDescription(stanza, isSource: isSource)
                md5 = stanza[.descriptionMD5]?.printable
            }
            guard var description = found else { continue }
            if description.description == nil, let md5 {
                description.description = try translation(of: package.name, md5, beside: index.path, state)
            }
            if !isSource {
                description.why = try PublishedClosure(state, package: package)?.why() ?? []
                description.files = { try PublishedContents(state, index: index.path).files(of: package) }
            }
            return description
        }
        return nil
    }

    /// The long description, which lies apart in most archives.
    private static func translation(
        of name: String, _ md5: String, beside index: RepositoryPath, _ state: StateReader
    ) throws -> String? {
        // dists/stable/main/binary-amd64/Packages lies beside dists/stable/main/i18n/Translation-en.
        guard let component = index.directory?.directory else { return nil }
        let path = RepositoryPath(trusted: Array("i18n/Translation-en".utf8)).under(component)
        guard let (entry, format) = PublishedSuites.cheapestForm(of: path, in: state) else { return nil }
        var text: String?
        try IndexReader.stanzas(of: state.open(entry.digest), format, plainSize: nil, file: path.description) {
            stanza in
            guard text == nil, stanza[.package]?.printable == name, stanza[.descriptionMD5]?.printable == md5 else {
                return
            }
            text = stanza[FieldName("Description-en")].flatMap(StanzaText.paragraphs)
        }
        return text
    }
}

extension PublishedSuites {
    /// Of the forms of a file, the one that is cheapest to decode; nil if the state has none.
    static func cheapestForm(of plain: RepositoryPath, in state: StateReader) -> (ManifestEntry, CompressionFormat)? {
        CompressionFormat.allCases.sorted { $0.decodeCost < $1.decodeCost }.lazy.compactMap { format in
            let ending = format == .none ? "" : ".\(format.fileExtension)"
            return state.manifest[RepositoryPath(trusted: plain.bytes + Array(ending.utf8))].map { ($0, format) }
        }.first
    }
}

extension PackageDescription {
    /// What a stanza says, in the words of `deb-control(5)`.
    fileprivate init(_ stanza: Stanza, isSource: Bool) {
        func text(_ name: FieldName) -> String? { stanza[name].map(\.printable) }
        func list(_ names: FieldName...) -> [String] { names.flatMap { stanza[$0].map(StanzaText.list) ?? [] } }
        self.init(
            homepage: text(FieldName("Homepage")), description: stanza[.summary].flatMap(StanzaText.paragraphs),
            source: isSource ? nil : text(.source) ?? text(.package),
            provides: isSource ? list(.binary) : list(FieldName("Provides")),
            requires: isSource
                ? list(
                    FieldName("Build-Depends"), FieldName("Build-Depends-Arch"), FieldName("Build-Depends-Indep"))
                : list(FieldName("Pre-Depends"), FieldName("Depends")))
    }
}

/// Texts out of stanzas.
private enum StanzaText {
    static func isPackage(_ stanza: Stanza, _ package: PackageRow) -> Bool {
        guard stanza[.package]?.text == package.name, stanza[.version]?.text == package.version else { return false }
        return package.architecture == "source" || stanza[.architecture]?.text == package.architecture
    }

    /// What commas part, on as many lines as it may stand.
    static func list(_ value: UnsafeRawBufferPointer) -> [String] {
        value.split(separator: UInt8(ascii: ",")).map { part in
            String(decoding: part.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self).split(separator: " ")
                .joined(separator: " ")
        }.filter { !$0.isEmpty }
    }

    /// The long description behind the first line: a line of a single dot is empty (Debian Policy 5.6.13). Nil if there is none.
    static func paragraphs(_ value: UnsafeRawBufferPointer) -> String? {
        var lines: [String] = []
        value.forEachLine { lines.append($0.trimmed.printable) }
        if lines.count < 2 { return nil }
        return lines.dropFirst().map { $0 == "." ? "" : $0 }.joined(separator: "\n")
    }
}
