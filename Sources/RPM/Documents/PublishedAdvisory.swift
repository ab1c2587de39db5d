import Basics

/// One `<update>` of updateinfo.xml.
struct PublishedAdvisory {
    private(set) var element: DocumentElement

    init(_ element: DocumentElement) { self.element = element }

    var id: String { element["id"]?.trimmedText ?? "" }
    /// `security`, `bugfix`, `enhancement`, `newpackage`.
    var kind: String { element.attribute("type") ?? "" }
    var severity: String { element["severity"]?.trimmedText ?? "" }
    var title: String { element["title"]?.trimmedText ?? "" }
    var version: String { element.attribute("version") ?? "" }
    var issuedAt: Timestamp? { element["issued"]?.attribute("date").flatMap(PublishedAdvisory.date) }
    /// When it was last changed: the date it was issued, where that is all there is.
    var updatedAt: Timestamp? { element["updated"]?.attribute("date").flatMap(PublishedAdvisory.date) ?? issuedAt }

    var packages: [AdvisoryPackage] {
        element.children.filter { $0.name == "pkglist" }.flatMap(\.children).flatMap(\.children)
            .filter { $0.name == "package" }.map(AdvisoryPackage.init)
    }

    /// `2012-12-12 00:00:00`, with or without a zone and a time, or seconds since 1970.
    static func date(_ text: String) -> Timestamp? {
        guard !text.isEmpty, text.utf8.count <= 40 else { return nil }
        if text.utf8.allSatisfy(\.isASCIIDigit) { return Int64(text).map { Timestamp(seconds: $0) } }
        if let date = Timestamp(rfc3339: text) { return date }
        let words = text.split(separator: " ")
        guard let day = words.first else { return nil }
        return Timestamp(rfc3339: "\(day)T\(words.count > 1 ? words[1] : "00:00:00")Z")
    }

    /// Without packages that are not kept; nil if none is left.
    func filtered(keeping isKept: (AdvisoryPackage) -> Bool) -> PublishedAdvisory? {
        var result = self
        result.element.children = element.children.compactMap { list in
            guard list.name == "pkglist" else { return list }
            var list = list
            list.children = list.children.compactMap { collection in
                guard collection.name == "collection" else { return collection }
                var collection = collection
                collection.children.removeAll { $0.name == "package" && !isKept(AdvisoryPackage($0)) }
                return collection["package"] == nil ? nil : collection
            }
            return list["collection"] == nil ? nil : list
        }
        return result.element["pkglist"] == nil ? nil : result
    }

    var references: [DocumentElement] { element["references"]?.children ?? [] }

    mutating func append(collections: [DocumentElement]) { append(collections, to: "pkglist") }

    mutating func append(references: [DocumentElement]) { append(references, to: "references") }

    /// Into the first child of this name, which is made where there is none.
    private mutating func append(_ added: [DocumentElement], to name: String) {
        if added.isEmpty { return }
        if let index = element.children.firstIndex(where: { $0.name == name }) {
            element.children[index].children += added
        } else {
            element.children.append(DocumentElement(name: name, children: added))
        }
    }
}

/// A package that an advisory names.
struct AdvisoryPackage: Hashable {
    var name: String
    var epoch: String
    var version: String
    var release: String
    var architecture: String
    /// Without directory; empty if it names none.
    var filename: String

    init(name: String, epoch: String, version: String, release: String, architecture: String, filename: String = "") {
        self.name = name
        self.epoch = epoch.isEmpty ? "0" : epoch
        self.version = version
        self.release = release
        self.architecture = architecture
        self.filename = filename
    }

    init(_ element: DocumentElement) {
        let file = element["filename"]?.trimmedText ?? ""
        self.init(
            name: element.attribute("name") ?? "", epoch: element.attribute("epoch") ?? "",
            version: element.attribute("version") ?? "", release: element.attribute("release") ?? "",
            architecture: element.attribute("arch") ?? "", filename: String(file.split(separator: "/").last ?? ""))
    }

    /// `name-epoch:version-release.arch`
    var nevra: String { "\(name)-\(epoch):\(version)-\(release).\(architecture)" }
}

/// What a repository keeps, to ask for an advisory's packages.
struct KeptPackages {
    private var nevras: Set<String> = []
    private var filenames: Set<String> = []

    init() {}

    /// - Parameter location: with or without directories.
    mutating func insert(
        name: String, epoch: String, version: String, release: String, architecture: String, location: String
    ) {
        nevras.insert(
            AdvisoryPackage(
                name: name, epoch: epoch, version: version, release: release, architecture: architecture
            ).nevra)
        if let file = location.split(separator: "/").last { filenames.insert(String(file)) }
    }

    /// By what names it, or by the file's name: some tools leave the epoch out of advisories, or write 0 for any.
    func contains(_ package: AdvisoryPackage) -> Bool {
        nevras.contains(package.nevra) || !package.filename.isEmpty && filenames.contains(package.filename)
    }
}
