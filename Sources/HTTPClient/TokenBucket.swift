/// A rate that all transfers share: who takes more than there is makes all wait until the debt is paid.
final class TokenBucket {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var updated: Double

    /// - Parameter rate: bytes a second.
    init(rate: Int64, now: Double) {
        self.rate = Double(rate)
        burst = max(Double(rate) / 10, 16_384)
        tokens = burst
        updated = now
    }

    /// Whether bytes may flow now.
    func isOpen(_ now: Double) -> Bool {
        refill(now)
        return tokens > 0
    }

    func take(_ bytes: Int) { tokens -= Double(bytes) }

    /// Seconds until bytes may flow again.
    func wait(_ now: Double) -> Double {
        refill(now)
        return tokens > 0 ? 0 : (1 - tokens) / rate
    }

    private func refill(_ now: Double) {
        tokens = min(burst, tokens + (now - updated) * rate)
        updated = now
    }
}
