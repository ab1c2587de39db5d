import Basics

/// A package that `rpmbuild` makes; every field has a usable default.
public struct RPMPackage: Sendable {
    public var name: String
    public var version: String
    public var release: String
    public var epoch: Int?
    public var architecture: String
    public var summary: String
    public var description: String
    /// Further lines of the spec's preamble: `Requires: b >= 1.0`, `Recommends: c`.
    public var fields: [(String, String)]
    /// Paths and contents of its files.
    public var files: [(String, String)]
    public var changelog: [String]
    /// Seconds since 1970.
    public var buildTime: Int64
    /// Whether `build` makes the source package instead.
    public var isSource = false

    public init(
        _ name: String, _ version: String = "1.0", _ release: String = "1", epoch: Int? = nil,
        architecture: String = "noarch", summary: String? = nil, description: String = "A package for tests.",
        fields: [(String, String)] = [], files: [(String, String)]? = nil, changelog: [String] = [],
        buildTime: Int64 = 1_700_000_000
    ) {
        self.name = name
        self.version = version
        self.release = release
        self.epoch = epoch
        self.architecture = architecture
        self.summary = summary ?? "Package \(name) for tests"
        self.description = description
        self.fields = fields
        self.files = files ?? [("/usr/share/\(name)/content", "\(name) \(version)-\(release)\n")]
        self.changelog = changelog
        self.buildTime = buildTime
    }

    /// `a-1.0-1.noarch.rpm`
    public var fileName: String { "\(name)-\(version)-\(release).\(isSource ? "src" : architecture).rpm" }

    /// `a-1.0-1.noarch`, with the epoch as dnf writes it.
    public var nevra: String { "\(name)-\(epoch.map { "\($0):" } ?? "")\(version)-\(release).\(architecture)" }

    var spec: String {
        var lines = [
            "Name: \(name)", "Version: \(version)", "Release: \(release)", "Summary: \(summary)", "License: MIT",
        ]
        if let epoch { lines.append("Epoch: \(epoch)") }
        if architecture == "noarch" { lines.append("BuildArch: noarch") }
        lines += ["URL: https://example.org/\(name)", "Vendor: Example", "Packager: Tests <tests@example.org>"]
        lines += fields.map { "\($0.0): \($0.1)" }
        lines += ["", "%description", description, "", "%install"]
        for (index, file) in files.enumerated() {
            lines.append("install -D -m 644 %{_sourcedir}/file\(index) \"%{buildroot}\(file.0)\"")
        }
        lines += ["", "%files"] + files.map { "\"\($0.0)\"" }
        if !changelog.isEmpty {
            lines += ["", "%changelog"]
            for entry in changelog {
                lines += ["* Tue Nov 14 2023 Tests <tests@example.org> - \(version)-\(release)", "- \(entry)", ""]
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Builds the file.
    public func build(to path: String) throws {
        let work = try TemporaryDirectory("rpm")
        try work.write(spec, to: "package.spec")
        for (index, file) in files.enumerated() { try work.write(file.1, to: "SOURCES/file\(index)") }
        let macros = [
            ("_topdir", work.path), ("_build_id_links", "none"), ("debug_package", "%{nil}"),
            ("use_source_date_epoch_as_buildtime", "1"), ("clamp_mtime_to_source_date_epoch", "1"),
            ("_buildhost", "build.example.org"), ("__os_install_post", "%{nil}"),
            ("source_date_epoch_from_changelog", "0"),
            ("_binary_payload", "w6.gzdio"),
        ]
        let mode = isSource ? ["-bs"] : ["-bb", "--target", architecture]
        try Subprocess.run(
            ["rpmbuild", "--quiet"] + mode + macros.flatMap { ["--define", "\($0.0) \($0.1)"] }
                + [work.path("package.spec")],
            environment: ["SOURCE_DATE_EPOCH": "\(buildTime)", "HOME": work.path]
        ).checked()
        let made = isSource ? "SRPMS/\(fileName)" : "RPMS/\(architecture)/\(fileName)"
        try Files.copy(work.path(made), to: path)
    }
}
