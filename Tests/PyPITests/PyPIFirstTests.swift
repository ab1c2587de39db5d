import Testing
@testable import PyPI
