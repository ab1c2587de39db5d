import Basics

/// A real zypper in a root of its own.
public final class ZypperClient: Sendable {
    private let home: TemporaryDirectory

    /// - Parameters:
    ///   - url: of one repository.
    ///   - key: the public key's file, imported beforehand; nil for no checks of signatures.
    public init(_ url: String, key: String?, architecture: String = "x86_64") throws {
        home = try TemporaryDirectory("zypp")
        for directory in ["root/etc/zypp/repos.d", "root/var/lib/rpm"] { try home.makeDirectory(directory) }
        let check = key == nil ? 0 : 1
        try home.write(
            """
            [test]
            name=test
            baseurl=\(url)
            enabled=1
            autorefresh=1
            type=rpm-md
            gpgcheck=\(check)
            repo_gpgcheck=\(check)
            pkg_gpgcheck=0
            \(key.map { "gpgkey=file://\($0)" } ?? "")

            """, to: "root/etc/zypp/repos.d/test.repo")
        try home.write("[main]\narch = \(architecture)\n", to: "root/etc/zypp/zypp.conf")
        try Subprocess.run(["rpm", "--root", home.path("root"), "--initdb"]).checked()
    }

    /// `zypper refresh`
    public func refresh() throws -> ProcessResult { try run("refresh", "--force") }

    public func run(_ arguments: String...) throws -> ProcessResult {
        try Subprocess.run(
            ["zypper", "--root", home.path("root"), "--non-interactive", "--gpg-auto-import-keys"] + arguments,
            environment: ["HOME": home.path, "ZYPP_CONF": home.path("root/etc/zypp/zypp.conf")])
    }
}
