/// Which bases of an upstream to spare for a while: one that asked to wait, one that is down while another is up.
struct BaseHealth {
    private struct State {
        var pausedUntil = 0.0
        var failures = 0
        var avoidedUntil = 0.0
    }

    private var states: [State]

    /// Failures in a row after which a base counts as down.
    private static let patience = 3
    /// Seconds for which it is spared, if there is another.
    private static let sparing = 60.0

    init(bases: Int) { states = Array(repeating: State(), count: bases) }

    /// Until when nobody may ask a base.
    func pausedUntil(_ base: Int?) -> Double { base.map { states[$0].pausedUntil } ?? 0 }

    /// Whether another base is better asked.
    func isDown(_ base: Int?, now: Double) -> Bool { base.map { states[$0].avoidedUntil > now } ?? false }

    /// The server wants nobody to ask until then.
    mutating func pause(_ base: Int?, until: Double) {
        guard let base else { return }
        states[base].pausedUntil = max(states[base].pausedUntil, until)
    }

    /// An answer came, whatever it was.
    mutating func answered(_ base: Int?) {
        guard let base else { return }
        states[base].failures = 0
        states[base].avoidedUntil = 0
    }

    /// No answer came.
    mutating func failed(_ base: Int?, now: Double) {
        guard let base else { return }
        states[base].failures += 1
        if states[base].failures >= BaseHealth.patience { states[base].avoidedUntil = now + BaseHealth.sparing }
    }
}
