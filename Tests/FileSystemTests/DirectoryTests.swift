import Basics
import FileSystem
import Foundation
import Testing

@Suite struct DirectoryTests {
    let scratch: Scratch
    var directory: Directory { scratch.directory }

    init() throws { scratch = try Scratch() }

    @Test("directories get the mode asked for, whatever the umask")
    func modes() throws {
        let old = umask(0o077)
        defer { umask(old) }
        #expect(try directory.makeDirectory("a"))
        #expect(try !directory.makeDirectory("a"))
        try directory.makeDirectories("b/c/d")
        #expect(try directory.status("a")?.mode == 0o755)
        #expect(try directory.status("b/c")?.mode == 0o755)
        #expect(try directory.status("b/c/d")?.kind == .directory)
    }

    @Test("a file in the way of a directory is an error, not a success")
    func fileInTheWay() throws {
        try scratch.write("a", "")
        #expect(throws: ChantalError(.exists, "")) { try directory.makeDirectory("a") }
        #expect(throws: ChantalError.self) { try directory.makeDirectories("a/b") }
    }

    @Test("renameNoReplace never replaces")
    func noReplace() throws {
        try scratch.write("a", "new")
        try scratch.write("b", "old")
        #expect(try !directory.renameNoReplace("a", to: directory, as: "b"))
        #expect(try scratch.text("b") == "old")
        #expect(try scratch.text("a") == "new")
        #expect(try directory.renameNoReplace("a", to: directory, as: "c"))
        #expect(try directory.status("a") == nil)
    }

    @Test(
        "renameNoReplace does the same for files and directories where the filesystem lacks it",
        arguments: [
            EINVAL, ENOSYS,
        ])
    func noReplaceInSteps(_ number: Int32) throws {
        func move(_ name: String, _ newName: String) throws -> Bool {
            try FaultPoints.with(.init(after: 0, number: number, permanent: false)) {
                try directory.renameNoReplace(name, to: directory, as: newName)
            }.result.get()
        }
        try scratch.write("a", "new")
        try scratch.write("b", "old")
        #expect(try !move("a", "b"))
        #expect(try scratch.text("b") == "old")
        #expect(try move("a", "c"))
        #expect(try scratch.text("c") == "new")
        try directory.makeDirectories("d/inner")
        try directory.makeDirectories("e/other")
        #expect(try !move("d", "e"))
        #expect(try directory.directory("e").names() == ["other"])
        #expect(try move("d", "f"))
        #expect(try directory.directory("f").names() == ["inner"])
        #expect(try directory.names() == ["b", "c", "e", "f"])
    }

    @Test("link tells by errno why it cannot")
    func linking() throws {
        try scratch.write("a", "x")
        #expect(try directory.link("a", to: directory, as: "b") == 0)
        #expect(try directory.status("b")?.links == 2)
        #expect(try directory.link("a", to: directory, as: "b") == EEXIST)
        #expect(try directory.link("none", to: directory, as: "c") == ENOENT)
    }

    @Test("names with NUL and empty names are refused; bytes that are no UTF-8 work")
    func names() throws {
        #expect(throws: ChantalError(.unsafePath, "")) { try directory.status("a\0b") }
        #expect(throws: ChantalError(.unsafePath, "")) { try directory.status("") }
        let odd: [UInt8] = [0xff, 0xfe, 0x20]
        try directory.create(odd).close()
        #expect(try directory.entries().map(\.bytes) == [odd])
        #expect(try directory.unlink(odd))
    }

    @Test("a listing is sorted and complete, and two at once do not disturb each other")
    func listing() throws {
        for number in 0..<500 { try directory.create("f\(number)").close() }
        var outer = 0
        try directory.forEachName { _, kind in
            if outer == 3 {
                let inner = try directory.names().count
                #expect(inner == 500)
            }
            #expect(kind == .file)
            outer += 1
        }
        #expect(outer == 500)
        let names = try directory.names()
        #expect(names == names.sorted())
    }

    @Test("removeTree takes read-only files and deep trees, and does not follow links out")
    func removeTree() throws {
        let outside = try Scratch()
        try outside.write("keep", "x")
        try directory.makeDirectories("t/u/v")
        try directory.symlink("t/u/out", to: outside.path)
        let file = try directory.create("t/u/v/f")
        try file.setMode(0o444)
        #expect(try directory.removeTree("t"))
        #expect(try directory.status("t") == nil)
        #expect(try outside.text("keep") == "x")
        #expect(try !directory.removeTree("t"))
    }

    @Test("a symbolic link as the last part is not opened")
    func noFollow() throws {
        try scratch.write("a", "x")
        try directory.symlink("l", to: "a")
        #expect(try directory.readLink("l") == "a")
        #expect(try directory.readLink("a") == nil)
        #expect(try directory.isLink("l", saying: Array("a".utf8)))
        for other in ["", "b", "aa"] { #expect(try !directory.isLink("l", saying: Array(other.utf8)), "\(other)") }
        try directory.symlink("long", to: "a/b")
        #expect(try !directory.isLink("long", saying: Array("a".utf8)))
        for name in ["a", "none"] { #expect(try !directory.isLink(name, saying: Array("a".utf8)), "\(name)") }
        #expect(throws: ChantalError(.io, "")) { _ = try directory.readAll("l", limit: 10) }
        try directory.makeDirectory("d")
        try directory.symlink("ld", to: "d")
        #expect(throws: ChantalError.self) { try directory.directory("ld") }
    }

    @Test("a copy has the bytes, mode and mtime of the original")
    func copying() throws {
        let bytes = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try File.writeAtomically(directory, "a", bytes, mode: 0o444)
        try directory.setModified("a", seconds: 1_000_000_000, nanoseconds: 5)
        try directory.copy("a", to: directory, as: "b")
        #expect(try directory.readAll("b", limit: 1 << 20) == bytes)
        let status = try #require(try directory.status("b"))
        #expect(status.mode == 0o444 && status.modified.seconds == 1_000_000_000 && status.modifiedNanoseconds == 5)
        #expect(status.links == 1)
        #expect(throws: ChantalError(.exists, "")) { try directory.copy("a", to: directory, as: "b") }
    }

    @Test("a missing directory is not found, with its path and errno in the error")
    func missing() throws {
        do {
            _ = try Directory(path: scratch.path + "/none")
            Issue.record("no error")
        } catch let error as ChantalError {
            #expect(error.code == .notFound)
            #expect(error.path == scratch.path + "/none")
            #expect(error.systemNumber == ENOENT)
            #expect(error.description.contains("No such file or directory"))
        }
    }

    @Test("free space and mount point are told")
    func machine() throws {
        #expect(try directory.freeSpace() > 0)
        #expect(Machine.mountPoint(of: "/proc/self/status") == "/proc")
        #expect(Machine.mountPoint(of: "/proc/none/such") == "/proc")
        #expect(Machine.mountPoint(of: "/") == "/")
        #expect(Machine.isAlive(process: Machine.process))
        #expect(Machine.userName(0) == "root (0)")
        #expect(Machine.userName(3_999_999_999) == "3999999999")
    }
}
