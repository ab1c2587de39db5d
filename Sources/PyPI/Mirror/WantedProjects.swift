import Basics
import Mirroring

/// Which projects are mirrored.
enum WantedProjects {
    /// All that the index lists.
    case index
    /// Those that the user names, sorted by name.
    case named([ProjectDemand])
}

/// Collects what the user's lines ask of each project.
struct DemandCollector {
    private var demands: [ProjectName: ProjectDemand] = [:]

    mutating func add(_ name: ProjectName, displayName: String, _ line: ProjectDemand.Line) {
        if demands[name] == nil {
            demands[name] = ProjectDemand(name, displayName: displayName, lines: [line])
        } else if !demands[name]!.lines.contains(line) {
            demands[name]!.lines.append(line)
        }
    }

    var sorted: [ProjectDemand] { demands.values.sorted { $0.name < $1.name } }
}

extension WantedProjects {
    init(_ section: RepositorySection) {
        let projects = section.value(IndexSettings.projects)
        if projects.isEmpty {
            self = .index
            return
        }
        var collector = DemandCollector()
        for project in projects {
            collector.add(
                project.name, displayName: project.nameText, ProjectDemand.Line(specifiers: project.specifiers))
        }
        self = .named(collector.sorted)
    }
}
