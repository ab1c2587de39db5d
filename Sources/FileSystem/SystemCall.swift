import Basics
import Glibc

/// The one place where system calls are made: an interrupted call (EINTR) is made again, and tests put faults in.
enum SystemCall {
    /// Makes a call until it is not interrupted.
    /// - Returns: what the call returned, and errno if that was -1 (else 0).
    @inline(__always)
    static func run<Value: FixedWidthInteger & SignedInteger>(_ call: () -> Value) -> (value: Value, number: Int32) {
        if FaultPoints.areArmed, let number = FaultPoints.nextFault() { return (-1, number) }
        while true {
            let value = call()
            if value != -1 { return (value, 0) }
            let number = errno
            if number != EINTR { return (-1, number) }
        }
    }

    /// Makes a call and turns its failure into an error.
    /// - Parameters:
    ///   - action: what was tried, as in "cannot `create` 'x'".
    ///   - path: the file concerned; only evaluated for the error.
    @inline(__always)
    @discardableResult
    static func check<Value: FixedWidthInteger & SignedInteger>(
        _ action: String, _ path: @autoclosure () -> String, _ call: () -> Value
    ) throws -> Value {
        let (value, number) = run(call)
        if number != 0 { throw ChantalError.system(number, action, path: path()) }
        return value
    }
}
