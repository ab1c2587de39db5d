import Basics

/// A platform as wheels name it (PEP 425, 600, 656): which wheels run there, and what markers see.
public struct TargetPlatform: Hashable, Sendable {
    enum System: Hashable, Sendable {
        /// glibc of this version.
        case manylinux(major: Int, minor: Int)
        /// musl of this version.
        case musllinux(major: Int, minor: Int)
        /// Linux without a C library that wheels know.
        case linux
        case macos(major: Int, minor: Int)
        case windows
    }

    let system: System
    /// `x86_64`, `aarch64`, `arm64`, `amd64`, `i686`, …
    public let machine: String
    /// As wheels name it.
    public let text: String

    private static let years = ["manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17]

    /// Reads `manylinux_2_17_x86_64`, `manylinux2014_aarch64`, `musllinux_1_2_x86_64`, `macosx_11_0_arm64`, `win_amd64`, `win32`,
    /// `linux_x86_64`; nil for anything else.
    public init?(_ text: String) {
        self.text = text
        func rest(_ prefix: String) -> Substring? {
            text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count ? text.dropFirst(prefix.count) : nil
        }
        func numbered(_ prefix: String) -> (Int, Int, String)? {
            guard let rest = rest(prefix) else { return nil }
            let parts = rest.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let major = TargetPlatform.number(parts[0]),
                let minor = TargetPlatform.number(parts[1]), TargetPlatform.isMachine(parts[2])
            else { return nil }
            return (major, minor, String(parts[2]))
        }
        if let (major, minor, machine) = numbered("manylinux_") {
            guard major == 2 else { return nil }
            (system, self.machine) = (.manylinux(major: major, minor: minor), machine)
        } else if let (major, minor, machine) = numbered("musllinux_") {
            (system, self.machine) = (.musllinux(major: major, minor: minor), machine)
        } else if let (major, minor, machine) = numbered("macosx_") {
            (system, self.machine) = (.macos(major: major, minor: minor), machine)
        } else if let (year, minor) = TargetPlatform.years.first(where: { text.hasPrefix($0.key + "_") }),
            let machine = rest(year + "_"), TargetPlatform.isMachine(machine)
        {
            (system, self.machine) = (.manylinux(major: 2, minor: minor), String(machine))
        } else if text == "win32" {
            (system, machine) = (.windows, "x86")
        } else if let machine = rest("win_"), TargetPlatform.isMachine(machine) {
            (system, self.machine) = (.windows, String(machine))
        } else if let machine = rest("linux_"), TargetPlatform.isMachine(machine) {
            (system, self.machine) = (.linux, String(machine))
        } else {
            return nil
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.count <= 3 && text.utf8.allSatisfy(\.isASCIIDigit) ? Int(text) : nil
    }

    private static func isMachine(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isASCIIDigit || (0x61...0x7a).contains($0) || $0 == 0x5f }
    }

    /// The platform tags that run here, the best first.
    public var tags: [String] {
        switch system {
        case .manylinux(_, let minor): manylinux(minor)
        case .musllinux(let major, let minor):
            (0...minor).reversed().map { "musllinux_\(major)_\($0)_\(machine)" } + ["linux_\(machine)"]
        case .linux: ["linux_\(machine)"]
        case .macos(let major, let minor): macos(major, minor)
        case .windows: [text]
        }
    }

    /// Old machines have wheels for glibc 2.5 on, others for 2.17 on.
    private func manylinux(_ minor: Int) -> [String] {
        let isOld = machine == "x86_64" || machine == "i686"
        let first = isOld ? 5 : 17
        var tags = minor < first ? [] : (first...minor).reversed().map { "manylinux_2_\($0)_\(machine)" }
        if minor >= 17 { tags.append("manylinux2014_\(machine)") }
        if isOld {
            if minor >= 12 { tags.append("manylinux2010_\(machine)") }
            if minor >= 5 { tags.append("manylinux1_\(machine)") }
        }
        return tags + ["linux_\(machine)"]
    }

    /// Wheels for several machines at once run, too.
    private func macos(_ major: Int, _ minor: Int) -> [String] {
        let isArm = machine == "arm64"
        let machines =
            isArm ? ["arm64", "universal2"] : ["x86_64", "intel", "fat64", "fat3", "universal2", "universal"]
        var tags: [String] = []
        if major >= 11 {
            for version in (11...major).reversed() { tags += machines.map { "macosx_\(version)_0_\($0)" } }
            // macOS 11 calls itself 10.16 to old programs.
            for version in (4...16).reversed() {
                tags += (isArm ? ["universal2"] : machines).map { "macosx_10_\(version)_\($0)" }
            }
        } else if minor >= 4 {
            for version in (4...minor).reversed() { tags += machines.map { "macosx_10_\(version)_\($0)" } }
        }
        return tags
    }
}

extension TargetPlatform: CustomStringConvertible {
    public var description: String { text }
}
