import Foundation
import TestSupport
import Testing

@Suite("Mirrors closed over dependencies, from outside")
struct ClosureTests {
    @Test("include: [nginx], dependencies: true: apt-get installs into an empty root with no other source")
    func apt() throws {
        let site = try MirrorSite { upstream in
            func add(_ name: String, _ version: String = "1.22.1-9", _ fields: (String, String)...) throws {
                try upstream.add(DebianPackage(name, version, fields: fields), fast: true)
            }
            try add(
                "nginx", "1.22.1-9", ("Depends", "nginx-common (= 1.22.1-9), iproute2 | net-tools, libc6 (>= 2.34)"))
            try upstream.add(
                DebianPackage(
                    "nginx-common", "1.22.1-9", architecture: "all", source: "nginx",
                    fields: [("Depends", "debconf (>= 0.5) | debconf-2.0"), ("Recommends", "fcgiwrap")]), fast: true)
            try add("iproute2", "6.1", ("Depends", "libbpf1 (>= 1:0.6.0), missing-one | libelf1"))
            try add("net-tools")
            try add("libc6", "2.36-9", ("Multi-Arch", "same"), ("Depends", "libgcc-s1"), ("Recommends", "fcgiwrap"))
            try add("libgcc-s1", "12", ("Multi-Arch", "same"), ("Depends", "libc6 (>= 2.35)"))
            try add("libbpf1", "1:1.1.0", ("Depends", "libz1"))
            try add("libelf1", "0.188")
            try add("zlib1g", "1:1.2", ("Provides", "libz1 (= 1:1.2)"))
            try add("debconf", "1.5.82", ("Provides", "debconf-2.0"), ("Pre-Depends", "perl-base"))
            try add("cdebconf", "0.270", ("Provides", "debconf-2.0"))
            try add("perl-base", "5.36")
            try add("fcgiwrap")
            try add("apache2")
        }
        site.section += ["filter: {include: [nginx], dependencies: true}", "sign: false"]
        try site.configure()
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 10, "\(answer)")
        let nginx = try NginxServer(root: "\(site.store)/public")
        let client = try AptClient(sources: [AptClient.line("\(nginx.url)/debian", keyring: nil)])
        try client.update().checked()
        try client.installDownloadOnly("nginx").checked()
        let files = try client.packageFiles().map { String($0.prefix { $0 != "_" }) }.sorted()
        #expect(
            files == [
                "debconf", "iproute2", "libbpf1", "libc6", "libelf1", "libgcc-s1", "nginx", "nginx-common", "perl-base",
                "zlib1g",
            ])
        let shown = try site.chantal("show", "zlib1g", "--why")
        #expect(shown.description.contains("nginx → iproute2 → libbpf1 → zlib1g"), "\(shown)")
        #expect(try nginx.errorLog == "")
    }

    @Test("include: [nginx], dependencies: true: dnf installs into an empty root with no other source")
    func dnf() throws {
        let upstream = try RPMUpstream()
        func add(_ name: String, _ version: String = "1.0", _ fields: (String, String)..., files: [String] = []) throws
        {
            try upstream.add(
                RPMPackage(
                    name, version, fields: fields.map { ($0.0, $0.1) },
                    files: files.isEmpty ? nil : files.map { ($0, "x") }))
        }
        try add(
            "nginx", "1.20.1", ("Requires", "nginx-core = 1.20.1-1"), ("Requires", "(nginx-logos if web-assets)"),
            ("Requires", "/usr/bin/start-server"), ("Recommends", "logrotate"))
        try add("nginx-core", "1.20.1", ("Requires", "libssl.so.3()(64bit)"), ("Requires", "(mailcap or mime-info)"))
        try add("nginx-logos")
        try add("web-assets")
        try add(
            "openssl-libs", "3.0", ("Provides", "libssl.so.3()(64bit)"), ("Requires", "/usr/share/certs/bundle.pem"))
        try add("openssl-fips-libs", "3.0", ("Provides", "libssl.so.3()(64bit)"))
        try add("mime-info", "1.0", ("Requires", "nowhere"))
        try add("mailcap", "2.1")
        try add("starter", "1.0", files: ["/usr/bin/start-server"])
        try add("certificates", "2024", files: ["/usr/share/certs/bundle.pem"])
        try add("logrotate")
        try upstream.publish()
        let site = try MirrorSite()
        try site.configure(
            more: """
                  rocky:
                    type: rpm
                    upstream: file://\(upstream.root)
                    keyring: \(upstream.keyring)
                    sign: false
                    filter: {include: [nginx], dependencies: true}

                """)
        let answer = try site.json("sync", "rocky")
        #expect(answer.status == 0 && answer.repository["packages"] as? Int == 6, "\(answer)")
        let server = try NginxServer(root: "\(site.store)/public")
        let client = try DNFClient([.init("\(server.url)/rocky")])
        try client.makecache().checked()
        try client.installDownloadOnly("nginx").checked()
        #expect(
            try client.downloads() == [
                "certificates-2024-1.noarch.rpm", "mailcap-2.1-1.noarch.rpm", "nginx-1.20.1-1.noarch.rpm",
                "nginx-core-1.20.1-1.noarch.rpm", "openssl-libs-3.0-1.noarch.rpm", "starter-1.0-1.noarch.rpm",
            ])
        let shown = try site.chantal("show", "certificates", "--why")
        #expect(shown.description.contains("nginx → nginx-core → openssl-libs → certificates"), "\(shown)")
    }
}
