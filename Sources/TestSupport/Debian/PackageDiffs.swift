import Basics

/// Differences of Packages that apt applies (`Packages.diff/Index` and ed scripts).
enum PackageDiffs {
    /// Writes the next difference; gives the names in `Packages.diff` that belong to the index, none without a history.
    static func update(_ packages: String, from former: [UInt8]?, to current: [UInt8]) throws -> [String] {
        let directory = packages + ".diff"
        guard let former else {
            try Files.remove(directory)
            return []
        }
        guard former != current else { return try Files.exists(directory) ? Files.names(directory) : [] }
        let work = try TemporaryDirectory("diff")
        try work.write(former, to: "old")
        try work.write(current, to: "new")
        // diff ends with 1 where the files differ.
        let script = try Subprocess.run(["diff", "--ed", "old", "new"], directory: work.path).standardOutput
        let count = try Files.exists(directory) ? Files.names(directory).filter { $0.hasSuffix(".gz") }.count : 0
        let name = "2026-01-01-0000.\(count < 10 ? "0" : "")\(count)"
        try work.write(script, to: "history/\(name)")
        try work.write(script, to: name)
        try Subprocess.run(["gzip", "-9nk", name], directory: work.path).checked()
        try Files.copy(work.path("\(name).gz"), to: "\(directory)/\(name).gz")

        let indexPath = "\(directory)/Index"
        var sections: [String: [String]] = [:]
        var section = ""
        if Files.exists(indexPath) {
            for line in try Files.text(indexPath).split(separator: "\n") {
                if line.hasPrefix(" ") {
                    sections[section, default: []].append(String(line))
                } else {
                    section = String(line)
                }
            }
        }
        func line(_ path: String, _ name: String) throws -> String {
            let sum = try Subprocess.run(["sha256sum", work.path(path)]).checked().stdout.prefix(64)
            return " \(sum) \(try Files.status(work.path(path)).st_size)\(name.isEmpty ? "" : " \(name)")"
        }
        sections["SHA256-History:", default: []].append(try line("old", name))
        sections["SHA256-Patches:", default: []].append(try line(name, name))
        sections["SHA256-Download:", default: []].append(try line("\(name).gz", "\(name).gz"))
        var index = "SHA256-Current:\(try line("new", ""))\n"
        for name in ["SHA256-History:", "SHA256-Patches:", "SHA256-Download:"] {
            index += name + "\n" + (sections[name] ?? []).map { $0 + "\n" }.joined()
        }
        try Files.write(index, to: indexPath)
        return try Files.names(directory).filter { $0 != "by-hash" }
    }
}
