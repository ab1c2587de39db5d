import Basics

/// How to reach upstreams.
public struct NetworkSettings: Sendable {
    /// Connections at once, all hosts together.
    public let connections: Int
    /// Connections at once to one host.
    public let perHost: Int
    /// Bytes a second of all downloads together; nil for no limit.
    public let bandwidth: Int64?
    /// Seconds without a byte until a transfer counts as stalled.
    public let timeout: Int64
    /// Attempts after the first.
    public let retries: Int
    public let proxy: ProxySetting
    /// A file of certificates to trust instead of the system's.
    public let ca: String?

    static let connectionsSetting = Setting<Int>(
        "connections", .count(1...256), default: 16, example: "16", summary: "connections at once")
    static let perHostSetting = Setting<Int>(
        "per_host", .count(1...256), default: 8, example: "8", summary: "connections at once to one host")
    static let bandwidthSetting = Setting<Int64?>(
        "bandwidth", .rate, defaultText: "no limit", example: "50MB",
        summary: "bytes a second, all downloads together")
    static let timeoutSetting = Setting<Int64>(
        "timeout", .duration.checked { $0 > 0 && $0 <= 86_400 ? nil : "a time-out lies between 1s and 1d" },
        default: 30, example: "30s", summary: "how long a transfer may go without a byte")
    static let retriesSetting = Setting<Int>(
        "retries", .count(0...100), default: 5, example: "5",
        summary: "attempts after the first, exponentially apart with jitter; `Retry-After` is honoured")
    static let proxySetting = Setting<ProxySetting>(
        "proxy", .proxy, default: .environment, example: "http://proxy.example:3128",
        summary: "a proxy, or `none`; by default as the environment says, with `no_proxy`")
    static let caSetting = Setting<String?>(
        "ca", .path, defaultText: "the system's", example: "/etc/ssl/corp.pem",
        summary: "a file of CA certificates to trust")

    public static let declaration = SectionDeclaration(
        name: "network", summary: "How to reach upstreams; each key may also stand under a repository.",
        settings: [
            connectionsSetting, perHostSetting, bandwidthSetting, timeoutSetting, retriesSetting, proxySetting,
            caSetting,
        ])

    /// What counts where nothing is written.
    static let defaults = SectionValues(declaration: declaration, location: .top(of: "chantal.yaml"))

    init(_ values: SectionValues) {
        connections = values.value(NetworkSettings.connectionsSetting)
        perHost = values.value(NetworkSettings.perHostSetting)
        bandwidth = values.value(NetworkSettings.bandwidthSetting)
        timeout = values.value(NetworkSettings.timeoutSetting)
        retries = values.value(NetworkSettings.retriesSetting)
        proxy = values.value(NetworkSettings.proxySetting)
        ca = values.value(NetworkSettings.caSetting)
    }
}
