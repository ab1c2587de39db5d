import Basics

/// What a marker may ask for (dependency specifiers, "Environment markers").
public enum MarkerVariable: String, CaseIterable, Sendable {
    case pythonVersion = "python_version"
    case pythonFullVersion = "python_full_version"
    case osName = "os_name"
    case sysPlatform = "sys_platform"
    case platformRelease = "platform_release"
    case platformSystem = "platform_system"
    case platformVersion = "platform_version"
    case platformMachine = "platform_machine"
    case platformPythonImplementation = "platform_python_implementation"
    case implementationName = "implementation_name"
    case implementationVersion = "implementation_version"
    case extra
    /// In lock files only (PEP 751).
    case extras
    case dependencyGroups = "dependency_groups"

    /// Reads a name, old ones (`os.name`, `python_implementation`) too.
    init?(name: String) {
        switch name {
        case "os.name": self = .osName
        case "sys.platform": self = .sysPlatform
        case "platform.version": self = .platformVersion
        case "platform.machine": self = .platformMachine
        case "platform.python_implementation", "python_implementation": self = .platformPythonImplementation
        default: self.init(rawValue: name)
        }
    }

    /// Whether values are compared as versions, if the marker's text is one.
    var isVersion: Bool {
        switch self {
        case .pythonVersion, .pythonFullVersion, .implementationVersion, .platformRelease: true
        default: false
        }
    }
}

/// The values that markers see.
public struct MarkerEnvironment: Sendable {
    private var values: [MarkerVariable: String]
    /// Parsed once: nearly every marker asks for one of these.
    private var versions: [MarkerVariable: Version] = [:]
    /// What a lock file's markers see besides (PEP 751).
    private var sets: [MarkerVariable: Set<String>] = [:]

    public init(_ values: [MarkerVariable: String]) {
        self.values = values
        for (variable, text) in values where variable.isVersion {
            // What Python says of a build between releases ends with a plus sign.
            versions[variable] = Version(text.hasSuffix("+") ? text + "local" : text)
        }
    }

    subscript(variable: MarkerVariable) -> String? { values[variable] }

    func version(_ variable: MarkerVariable) -> Version? { versions[variable] }

    func set(_ variable: MarkerVariable) -> Set<String>? { sets[variable] }

    /// This environment as the markers of a lock file see it.
    public func locked(extras: Set<String>, dependencyGroups: Set<String>) -> MarkerEnvironment {
        var result = self
        result.sets[.extras] = Set(extras.map { ExtraName.normalised($0) })
        result.sets[.dependencyGroups] = Set(dependencyGroups.map { ExtraName.normalised($0) })
        return result
    }

    /// What CPython on a target says; the release and version of its operating system are not known and empty.
    public init(_ target: Target) {
        let platform = target.platform
        var values: [MarkerVariable: String] = [
            .pythonVersion: target.python, .pythonFullVersion: target.fullPython,
            .implementationVersion: target.fullPython, .implementationName: "cpython",
            .platformPythonImplementation: "CPython", .osName: "posix", .platformMachine: platform.machine,
            .platformRelease: "", .platformVersion: "",
        ]
        switch platform.system {
        case .manylinux, .musllinux, .linux:
            values[.sysPlatform] = "linux"
            values[.platformSystem] = "Linux"
        case .macos:
            values[.sysPlatform] = "darwin"
            values[.platformSystem] = "Darwin"
        case .windows:
            values[.sysPlatform] = "win32"
            values[.platformSystem] = "Windows"
            values[.osName] = "nt"
            values[.platformMachine] = ["amd64": "AMD64", "arm64": "ARM64"][platform.machine] ?? platform.machine
        }
        self.init(values)
    }
}

/// The name of an extra, normalised as names of projects are (PEP 685).
public enum ExtraName {
    /// Any text: what is no name stays comparable.
    public static func normalised(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte == 0x2d || byte == 0x5f || byte == 0x2e {
                if bytes.last != 0x2d { bytes.append(0x2d) }
            } else {
                bytes.append(byte.asciiLowercased)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
