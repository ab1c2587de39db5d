import TestSupport
import Testing

@Suite("The house")
struct ArchitectureTests {
    let files: [SourceFile]

    init() throws {
        files = try SourceFile.all()
        #expect(files.count > 50)
    }

    @Test("imports go down only, and sideways where it is said")
    func floors() {
        for file in files {
            for imported in file.imports {
                if let objection = House.objection(to: imported.module, in: file.room) {
                    Issue.record("\(file.path) imports \(imported.module), which \(objection)")
                }
            }
        }
    }

    @Test("every directory of Sources/ is a room on a floor or the module map of a library")
    func rooms() throws {
        for name in try Files.names(Project.path("Sources")) {
            let isLibrary = House.libraries[name] != nil
            #expect(isLibrary || House.floor(of: name) != nil || name == "TestSupport", "\(name) is on no floor")
            let swift = try Files.walk(Project.path("Sources/\(name)")).filter { $0.hasSuffix(".swift") }
            #expect(swift.isEmpty == isLibrary, "\(name): a module map and a shim, nothing else")
        }
    }

    @Test("C stays inside the room that owns it")
    func libraries() {
        for file in files {
            for imported in file.imports where House.libraries[imported.module] != nil {
                #expect(imported.isInternal, "\(file.path): internal import \(imported.module)")
            }
        }
    }

    @Test("ecosystems open no file by its path")
    func rawPaths() {
        let call =
            /(?:^|[^\w.])(f?open|openat|opendir|l?stat|fstatat|access|readlink|unlink|rename|mkdir|rmdir|symlink|link|creat|chmod)\(/
        for file in files where House.ecosystems.contains(file.room) {
            // A function of its own stands before that of the C library.
            let own = file.functions
            for (number, line) in file.code.enumerated() where !line.contains("func ") {
                let foreign = line.matches(of: call).map { String($0.1) }.filter { !own.contains($0) }
                #expect(foreign.isEmpty, "\(file.path):\(number + 1): \(line)")
            }
        }
    }

    @Test("Package.swift declares what a room imports, on lower floors only")
    func declarations() throws {
        let manifest = try Files.text(Project.path("Package.swift"))
        let declared = House.declarations(in: manifest)
        #expect(declared["Store"]?.contains("FileSystem") == true)
        for (room, dependencies) in declared {
            for dependency in dependencies {
                if let objection = House.objection(to: dependency, in: room) {
                    Issue.record("Package.swift: \(room) depends on \(dependency), which \(objection)")
                }
            }
        }
        for file in files {
            for imported in file.imports where House.floor(of: imported.module) != nil {
                let isDeclared = declared[file.room]?.contains(imported.module) == true
                #expect(isDeclared, "\(file.path): Package.swift lists no \(imported.module) for \(file.room)")
            }
        }
    }

    @Test("every library's Debian package is one that .ci/packages installs")
    func packages() throws {
        let manifest = try Files.text(Project.path("Package.swift"))
        let script = try Files.text(Project.path(".ci/packages"))
        let needed = manifest.matches(of: /library\("\w+"[^)]*apt: "([^"]+)"\)/).map { String($0.1) }
        #expect(needed.count == House.libraries.count)
        let installed = Set(script.split { " \n()".contains($0) }.map(String.init))
        for package in needed { #expect(installed.contains(package), "\(package)") }
    }

    @Test("no room holds a type of its own name")
    func names() {
        for file in files {
            #expect(!file.types.contains(file.room), "\(file.path): the compiler takes \(file.room).X for a member")
        }
    }

    @Test("no file is longer than 500 lines, and the entry point has 40 at most")
    func lengths() {
        for file in files {
            let limit = file.path == "Sources/chantal/main.swift" ? 40 : 500
            #expect(file.lineCount <= limit, "\(file.path) has \(file.lineCount) lines")
        }
    }

    @Test("no forced error, no forced cast, no unfinished place")
    func shortcuts() {
        let pattern = /\btry!|\bas!|\bfatalError\(/
        for file in files {
            for (number, line) in file.code.enumerated() {
                let isSuspect = line.contains("!") || line.contains("fatalError")
                #expect(!isSuspect || line.firstMatch(of: pattern) == nil, "\(file.path):\(number + 1): \(line)")
            }
            for word in ["TODO", "FIXME"] { #expect(!file.text.contains(word), "\(file.path) is not finished") }
        }
    }
}
