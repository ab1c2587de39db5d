import Basics

/// Writes the .deb format itself (deb(5)): thousands of packages in a second, where dpkg-deb needs twenty milliseconds each.
enum DebianArchive {
    /// A .deb with plain tar members.
    static func bytes(control: String, dataPath: String, content: [UInt8], time: Int) -> [UInt8] {
        var result = Array("!<arch>\n".utf8)
        let controlTar = tar([("./", nil), ("./control", Array(control.utf8))], time: time)
        var entries: [(String, [UInt8]?)] = [("./", nil)]
        var directory = "./"
        for part in dataPath.split(separator: "/").dropLast() {
            directory += "\(part)/"
            entries.append((directory, nil))
        }
        entries.append(("./\(dataPath)", content))
        for (name, member) in [
            ("debian-binary", Array("2.0\n".utf8)), ("control.tar", controlTar), ("data.tar", tar(entries, time: time)),
        ] {
            result += field(name, 16) + field("\(time)", 12) + field("0", 6) + field("0", 6) + field("100644", 8)
            result += field("\(member.count)", 10) + [0x60, 0x0a] + member
            if member.count % 2 == 1 { result.append(0x0a) }
        }
        return result
    }

    private static func field(_ text: String, _ width: Int) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes + [UInt8](repeating: 0x20, count: width - bytes.count)
    }

    /// A ustar archive; an entry without content is a directory.
    private static func tar(_ entries: [(name: String, content: [UInt8]?)], time: Int) -> [UInt8] {
        var result: [UInt8] = []
        for (name, content) in entries {
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
            }
            func octal(_ value: Int, _ width: Int) -> String {
                let digits = String(value, radix: 8)
                return String(repeating: "0", count: width - digits.utf8.count) + digits
            }
            precondition(name.utf8.count <= 100, "a longer name needs the prefix field")
            put(name, at: 0)
            put(octal(content == nil ? 0o755 : 0o644, 7), at: 100)
            put(octal(0, 7), at: 108)
            put(octal(0, 7), at: 116)
            put(octal(content?.count ?? 0, 11), at: 124)
            put(octal(time, 11), at: 136)
            put("        ", at: 148)
            put(content == nil ? "5" : "0", at: 156)
            put("ustar", at: 257)
            put("00", at: 263)
            put("root", at: 265)
            put("root", at: 297)
            put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
            header[154] = 0
            result += header + (content ?? [])
            let rest = (content?.count ?? 0) % 512
            if rest != 0 { result += [UInt8](repeating: 0, count: 512 - rest) }
        }
        return result + [UInt8](repeating: 0, count: 1024)
    }
}

extension DebianPackage {
    /// Writes the file without dpkg-deb: for packages by the thousand.
    public func assemble(to path: String) throws {
        let bytes = DebianArchive.bytes(
            control: control, dataPath: "usr/share/\(name)/content", content: content, time: 1_700_000_000)
        try Files.write(bytes, to: path)
    }
}
