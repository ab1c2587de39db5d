import Foundation
import TestSupport
import Testing

/// Real repositories and packages that lie beside the checkout; see the MANIFEST there.
enum Fixtures {
    static let root = Project.path("../shared/fixtures/rpm")

    /// Where they are absent, tests on them are not run; on the machine that decides, they fail.
    static let arePresent =
        Files.exists(root) || ProcessInfo.processInfo.environment["CI"] != nil

    static func path(_ relative: String) -> String { "\(root)/\(relative)" }
    static func read(_ relative: String) throws -> [UInt8] { try Files.read(path(relative)) }
}
