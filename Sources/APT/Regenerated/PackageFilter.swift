import Basics
import Mirroring

/// Which packages a filtered repository holds, as far as one stanza can tell.
final class PackageFilter {
    let rules: FilterRules
    private let sections: [NamePattern]
    private let priorities: [String]
    private var constraints: [String: VersionConstraint] = [:]

    init(_ section: RepositorySection) {
        rules = section.filterRules
        sections = section.filter?.value(ArchiveSettings.sections) ?? []
        priorities = section.filter?.value(ArchiveSettings.priorities) ?? []
    }

    /// What a filter with `dependencies` asked for, by the notes of the state that it made; nil for another state.
    init?(notes: [String: String]) throws {
        guard let include = notes[NoteName.include] else { return nil }
        rules = FilterRules(include: try include.split(separator: "\n").map { try NamePattern(String($0)) })
        sections = try (notes[NoteName.sections] ?? "").split(separator: "\n").map { try NamePattern(String($0)) }
        priorities = (notes[NoteName.priorities] ?? "").split(separator: "\n").map(String.init)
    }

    /// What a state's record keeps of a filter with `dependencies`: from it, `show` finds out why a package is there.
    var notes: [String: String] {
        guard rules.dependencies else { return [:] }
        var notes = [NoteName.include: rules.include.map(\.text).joined(separator: "\n")]
        if !sections.isEmpty { notes[NoteName.sections] = sections.map(\.text).joined(separator: "\n") }
        if !priorities.isEmpty { notes[NoteName.priorities] = priorities.joined(separator: "\n") }
        return notes
    }

    private enum NoteName {
        static let include = "include"
        static let sections = "sections"
        static let priorities = "priorities"
    }

    /// Whether name and version are taken; the cheapest question, asked first.
    func takes(name: UnsafeRawBufferPointer, version: UnsafeRawBufferPointer) throws -> Bool {
        try rules.takes(name: name) { try allows(version, $0) }
    }

    /// Whether name and version are excluded, even as something that another package needs.
    func leavesOut(name: UnsafeRawBufferPointer, version: UnsafeRawBufferPointer) throws -> Bool {
        try rules.leavesOut(name: name) { try allows(version, $0) }
    }

    private func allows(_ version: UnsafeRawBufferPointer, _ text: String) throws -> Bool {
        if let known = constraints[text] { return known.allows(version) }
        let constraint = try VersionConstraint(parsing: text)
        constraints[text] = constraint
        return constraint.allows(version)
    }

    /// Whether the architecture is; packages for all of them always are.
    func takes(architecture: UnsafeRawBufferPointer?) -> Bool {
        guard let wanted = rules.architectures, let architecture, !architecture.equals("all") else { return true }
        return wanted.contains { architecture.elementsEqual($0.utf8) }
    }

    /// `contrib/net` is of the section `net` too.
    func takes(section: UnsafeRawBufferPointer?, priority: UnsafeRawBufferPointer?) -> Bool {
        if !sections.isEmpty {
            guard let section else { return false }
            let last = (section.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
            let own = section.slice(last..<section.count)
            guard sections.contains(where: { $0.matches(name: section) || $0.matches(name: own) }) else { return false }
        }
        guard !priorities.isEmpty else { return true }
        guard let priority else { return false }
        return priorities.contains { priority.elementsEqual($0.utf8) }
    }
}
