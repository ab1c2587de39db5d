import Foundation
import TestSupport
import Testing

@Suite("Filtered mirrors, from outside")
struct FilteredTests {
    @Test("include: [nginx*], latest: 1: apt installs with the user's key, and upstream's signature is nowhere")
    func nginxOnly() throws {
        let site = try MirrorSite([DebianSuite("stable", architectures: ["amd64", "i386"])]) { upstream in
            for version in ["1.22.0-1", "1.22.1-9", "1.9.9-1"] {
                try upstream.add(
                    DebianPackage("nginx", version, fields: [("Depends", "nginx-common"), ("X-Unknown", "kept")]))
                try upstream.add(
                    DebianPackage("nginx-common", version, architecture: "all", source: "nginx"), fast: true)
            }
            try upstream.add(DebianPackage("apache2"), fast: true)
        }
        let own = try GPGHome()
        let key = try own.makeKey("Own")
        site.section += ["filter: {include: [\"nginx*\"], latest: 1}"]
        try site.configure()
        let bare = try site.json("config", "check")
        #expect(bare.status == 2 && bare.data.contains("signing.key"), "\(bare)")

        site.top = ["signing: {key: \(key.fingerprint), home: \(own.path)}"]
        try site.configure()
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 2, "\(answer)")
        let nginx = try NginxServer(root: "\(site.store)/public")
        // The key that lies beside the metadata is the one that a user is told to take.
        let tree = "\(site.store)/public/debian"
        let names = try site.paths()
        let keys = names.filter { $0.contains("chantal-key.") }
        #expect(keys.contains { $0.hasSuffix("chantal-key.asc") } && keys.contains { $0.hasSuffix("chantal-key.gpg") })
        for file in keys {
            let client = try AptClient(sources: [AptClient.line("\(nginx.url)/debian", keyring: "\(tree)/\(file)")])
            try client.update().checked()
            try client.installDownloadOnly("nginx").checked()
            #expect(try client.packageFiles() == ["nginx-common_1.22.1-9_all.deb", "nginx_1.22.1-9_amd64.deb"])
            let shown = try client.run("apt-cache", "show", "nginx").checked().stdout
            #expect(shown.contains("X-Unknown: kept") && shown.contains("It has a long text,"))
            #expect(try client.run("apt-cache", "policy", "apache2").checked().stdout == "")
        }
        #expect(try nginx.errorLog == "")
        let stranger = try AptClient(
            sources: [AptClient.line("\(nginx.url)/debian", keyring: site.upstream.keyring)])
        #expect(try stranger.update().status != 0)

        let release = try Files.text(site.upstream.path("dists/stable/InRelease"))
        let lines = release.components(separatedBy: "-----BEGIN PGP SIGNATURE-----\n")[1].split(separator: "\n")
        let signature = Array(lines[1].utf8)
        for path in names {
            #expect(try Data(site.published(path)).range(of: Data(signature)) == nil, "\(path)")
        }
        for name in ["apache2", "1.22.0", "1.9.9"] { #expect(!names.contains { $0.contains(name) }) }
        try site.sync("unchanged")
    }

    @Test("a passphrase from a file opens the key, and is shown nowhere")
    func passphrase() throws {
        let site = try MirrorSite()
        let own = try GPGHome()
        let key = try own.makeKey("Own", passphrase: "0pen-sesame")
        let file = try site.home.write("0pen-sesame\n", to: "passphrase", mode: 0o600)
        site.section += ["filter: {exclude: [beta]}"]
        site.top = ["signing: {key: \(key.fingerprint), home: \(own.path), passphrase_file: \(file)}"]
        try site.configure()
        let answer = try site.json("sync", "-v")
        #expect(answer.status == 0 && answer.repository["packages"] as? Int == 1, "\(answer)")
        #expect(!answer.description.contains("0pen-sesame"))
        #expect(try !site.chantal("config", "show").description.contains("0pen-sesame"))
        // The agent must not remember it.
        try Subprocess.run(["gpgconf", "--homedir", own.path, "--kill", "all"]).checked()
        try site.home.write("wr0ng-sesame\n", to: "passphrase", mode: 0o600)
        try site.add("gamma")
        let refused = try site.json("sync", "-v")
        #expect(refused.repository["status"] as? String == "failed", "\(refused)")
        #expect(!refused.description.contains("wr0ng-sesame"))
        #expect(refused.errors.contains("passphrase"), "\(refused)")
    }
}
