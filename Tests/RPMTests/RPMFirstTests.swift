import Testing
@testable import RPM
