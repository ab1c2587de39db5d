import Basics
import Glibc

/// The machine's clocks. clock_gettime(2).
public enum Clock {
    /// The time of day.
    public static func now() -> Timestamp { Timestamp(seconds: Int64(read(CLOCK_REALTIME).tv_sec)) }

    /// Seconds since some moment, never going back.
    public static func monotonic() -> Double {
        let time = read(CLOCK_MONOTONIC)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds of processor time that this process has used, all threads together.
    public static func processorTime() -> Double {
        let time = read(CLOCK_PROCESS_CPUTIME_ID)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Nanoseconds since 1970.
    static func nanoseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
