// swift-tools-version: 6.2
import PackageDescription

// Floors: a target imports targets of lower floors only (Tests/ArchitectureTests reads the `import` lines).

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func library(_ name: String, pkgConfig: String? = nil, apt package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: swiftSettings)
}

// Of ISA-L, Debian 12 has packages for amd64 alone; elsewhere zlib inflates.
#if arch(x86_64)
    let isal = [library("CISAL", pkgConfig: "libisal", apt: "libisal-dev")]
    let inflating: [Target.Dependency] = ["CISAL"]
#else
    let isal: [Target] = []
    let inflating: [Target.Dependency] = []
#endif

let package = Package(
    name: "chantal",
    products: [.executable(name: "chantal", targets: ["chantal"])],
    targets: [
        // Floor 0: values, and module maps of C libraries.
        room("Basics", []),  // Digests, repository paths, times, sizes, the error shape, byte scanning
        library("CLinux", apt: "libc6-dev"),  // system calls that Glibc's module does not show
        library("CSpawn", apt: "libc6-dev"),  // posix_spawn beyond POSIX, for tests
        library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),  // hashes, signatures
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),  // transfers
        library("CGPGME", pkgConfig: "gpgme", apt: "libgpgme-dev"),  // OpenPGP
        library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),  // gzip; CISAL reads it faster
        library("CLZMA", pkgConfig: "liblzma", apt: "liblzma-dev"),  // xz
        library("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),  // Zstandard
        library("CBzip2", apt: "libbz2-dev"),  // bzip2 (no .pc file on Debian 12)
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),  // catalog
        library("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),  // configuration
        library("CXML", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),  // RPM metadata, HTML pages
        library("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),  // packages and bundles

        // Floor 1: one C library or one service of the machine each.
        room("FileSystem", ["Basics", "CLinux"]),  // descriptors, atomic files, links, flock, clock
        room("Hashing", ["Basics", "CCrypto"]),  // SHA-256 and every checksum an upstream declares
        room("Compression", ["Basics", "CZlib", "CLZMA", "CZstd", "CBzip2"] + inflating),  // streaming codecs
        room("HTTPClient", ["Basics", "Hashing", "CCurl", "CLinux"]),  // transfers on one thread
        room("OpenPGP", ["Basics", "CGPGME", "CCrypto"]),  // verifying and signing with gpgme
        room("YAML", ["Basics", "CYAML"]),  // a node tree with lines and columns
        room("TOML", ["Basics"]),  // lock files, lists of software
        room("XML", ["Basics", "CXML"]),  // SAX events of XML and HTML
        room("Archive", ["Basics", "CArchive"]),  // reading packages, reading and writing tar
        room("SQLite", ["Basics", "CSQLite"]),  // connections and statements
        room("Terminal", ["Basics", "CLinux"]),  // progress, tables, colour
        room("CommandLineKit", ["Basics", "Terminal"]),  // declared commands: parsing, help, completion, reference

        // Floor 2: what is kept, and how it comes in.
        room("Store", ["Basics", "FileSystem", "Hashing", "Compression"]),  // blobs, manifests, records, locks
        room("Catalog", ["Basics", "SQLite"]),  // packages, search, validators, history
        room("Fetching", ["Basics", "FileSystem", "Hashing", "HTTPClient", "Store"]),  // downloads into the store

        // Floor 3: the engine.
        room(
            "Mirroring",
            [
                "Basics", "FileSystem", "Hashing", "Compression", "Archive", "OpenPGP", "YAML", "Store", "Catalog",
                "Fetching",
            ]),  // Ecosystem protocol, configuration, sync, filters, generations, publishing, maintenance

        // Floor 4: one format each.
        room("APT", ["Basics", "Hashing", "Compression", "Archive", "OpenPGP", "Mirroring"]),  // apt
        room("RPM", ["Basics", "Hashing", "Compression", "OpenPGP", "XML", "YAML", "Mirroring"]),  // dnf and zypper
        room("PyPI", ["Basics", "Hashing", "Compression", "Archive", "TOML", "XML", "Mirroring"]),  // Python packages

        // Floor 5: one file a verb.
        room(
            "ChantalCommands",
            [
                "Basics", "FileSystem", "Terminal", "CommandLineKit", "TOML", "Store", "Catalog", "Fetching",
                "Mirroring",
            ]),  // what to call, how to show it

        // Floor 6: registry and dispatch.
        .executableTarget(
            name: "chantal", dependencies: ["APT", "RPM", "PyPI", "ChantalCommands", "Mirroring"],
            swiftSettings: swiftSettings),

        // Beside the floors.
        room("TestSupport", ["Basics", "CSpawn"]),  // loopback upstreams, temporary stores, processes
        tests("ArchitectureTests", []),
        tests("TestSupportTests", ["Basics"]),
        tests("BasicsTests", ["Basics"]),
        tests("FileSystemTests", ["Basics", "FileSystem"]),
        tests("HashingTests", ["Basics", "Hashing"]),
        tests("CompressionTests", ["Basics", "Compression"]),
        tests("HTTPClientTests", ["Basics", "Hashing", "HTTPClient"]),
        tests("OpenPGPTests", ["Basics", "OpenPGP"]),
        tests("YAMLTests", ["Basics", "YAML"]),
        tests("TOMLTests", ["Basics", "TOML"]),
        tests("XMLTests", ["Basics", "XML"]),
        tests("ArchiveTests", ["Basics", "Archive"]),
        tests("CommandLineKitTests", ["Basics", "Terminal", "CommandLineKit"]),
        tests("StoreTests", ["Basics", "FileSystem", "Hashing", "Store"]),
        tests("CatalogTests", ["Basics", "SQLite", "Catalog"]),
        tests("FetchingTests", ["Basics", "FileSystem", "Hashing", "HTTPClient", "Store", "Fetching"]),
        tests(
            "MirroringTests", ["Basics", "FileSystem", "Hashing", "YAML", "Store", "Catalog", "Fetching", "Mirroring"]),
        tests(
            "APTTests",
            ["Store", "Basics", "Catalog", "Hashing", "Compression", "OpenPGP", "Mirroring", "APT"]),
        tests(
            "RPMTests",
            ["Basics", "Hashing", "Compression", "OpenPGP", "XML", "Store", "Catalog", "Mirroring", "RPM"]),
        tests("PyPITests", ["Basics", "Hashing", "Store", "Mirroring", "PyPI"]),
        tests(
            "CommandTests",
            ["Basics", "Terminal", "CommandLineKit", "Catalog", "Mirroring", "APT", "RPM", "PyPI", "ChantalCommands"]),
        tests("EndToEndTests", ["Basics", "chantal"]),
        tests("ConformanceTests", ["Basics", "chantal"]),
    ] + isal
)
