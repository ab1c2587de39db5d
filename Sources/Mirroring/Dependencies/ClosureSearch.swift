/// Finds everything that a selection needs, transitively: the same packages give the same closure.
///
/// It is a union: two packages of it may conflict with each other. A package is wanted only if its own requirements can be met, all the way
/// down; where the choice is free, what is there already is enough, and then the first in order of preference is taken.
public struct ClosureSearch {
    private let demands: (Int32) throws -> [Demand]
    private let check: () throws -> Void
    /// Packages whose own requirements cannot be met.
    private var isBroken: [Bool]

    /// - Parameters:
    ///   - count: of packages.
    ///   - demands: of a package; asked again and again, always with the same answer.
    ///   - check: throws if the user asked to stop.
    public init(count: Int, check: @escaping () throws -> Void, demands: @escaping (Int32) throws -> [Demand]) {
        self.check = check
        self.demands = demands
        isBroken = Array(repeating: false, count: count)
    }

    public mutating func closure(of roots: [Int32]) throws -> Closure {
        try findBroken(roots)
        return try select(roots)
    }

    // MARK: - What can be met

    /// Who relies on whom, as far as it was looked at.
    private struct Reliances {
        /// By package the last of its links, -1 if it has none.
        var last: [Int32]
        var links: [(dependent: Int32, before: Int32)] = []

        mutating func add(_ dependent: Int32, on package: Int32) {
            let before = last[Int(package)]
            if before >= 0, links[Int(before)].dependent == dependent { return }
            last[Int(package)] = Int32(truncatingIfNeeded: links.count)
            links.append((dependent, before))
        }
    }

    /// Takes every package for usable until one of its requirements has nothing left that could meet it. Cycles are usable that way.
    private mutating func findBroken(_ roots: [Int32]) throws {
        var reliances = Reliances(last: Array(repeating: -1, count: isBroken.count))
        var isQueued = Array(repeating: false, count: isBroken.count)
        var isKnown = isQueued
        var queue: [Int32] = []
        func enqueue(_ package: Int32) {
            if isQueued[Int(package)] { return }
            isQueued[Int(package)] = true
            queue.append(package)
        }
        func rely(_ dependent: Int32, on package: Int32) {
            reliances.add(dependent, on: package)
            if isKnown[Int(package)] { return }
            isKnown[Int(package)] = true
            enqueue(package)
        }
        for root in roots { rely(root, on: root) }
        while let package = queue.popLast() {
            try check()
            isQueued[Int(package)] = false
            if isBroken[Int(package)] { continue }
            let isUsable = try demands(package).allSatisfy { canMeet($0, of: package, rely: rely) }
            if isUsable { continue }
            isBroken[Int(package)] = true
            var link = reliances.last[Int(package)]
            while link >= 0 {
                enqueue(reliances.links[Int(link)].dependent)
                link = reliances.links[Int(link)].before
            }
        }
    }

    /// Whether a demand can be met, as far as it is known; tells what it is met with.
    private func canMeet(_ demand: Demand, of package: Int32, rely: (Int32, Int32) -> Void) -> Bool {
        switch demand {
        case .anyOf(let lists):
            var isMet = false
            for list in lists {
                guard let usable = list.first(where: { !isBroken[Int($0)] }) else { continue }
                isMet = true
                if !list.contains(package) { rely(package, usable) }
            }
            return isMet
        case .all(let parts): return parts.allSatisfy { canMeet($0, of: package, rely: rely) }
        case .first(let parts): return parts.contains { canMeet($0, of: package, rely: rely) }
        case .when(_, let then, let otherwise):
            // The condition may never be met, and then nothing of it is needed.
            _ = canMeet(then, of: package, rely: rely)
            return otherwise.map { canMeet($0, of: package, rely: rely) } ?? true
        }
    }

    // MARK: - What is taken

    private func select(_ roots: [Int32]) throws -> Closure {
        var selection = Selection(isBroken: isBroken)
        for root in roots { selection.take(root, for: -1) }
        var next = 0
        var choosing: [Int32] = []
        var chosen = 0
        while true {
            // First what leaves no choice: it may be what would be chosen otherwise, or make the choice needless.
            while next < selection.closure.packages.count {
                try check()
                let package = selection.closure.packages[next]
                next += 1
                let hasChoice = try demands(package).reduce(false) { !selection.takeForced($1, of: package) || $0 }
                if hasChoice { choosing.append(package) }
            }
            if chosen < choosing.count {
                try selection.choose(choosing[chosen], demands(choosing[chosen]))
                chosen += 1
                continue
            }
            // Conditions that are met by now.
            for package in selection.waiting {
                try check()
                selection.choose(package, try demands(package))
            }
            if next == selection.closure.packages.count { return selection.closure }
        }
    }
}

/// What a closure holds so far.
private struct Selection {
    let isBroken: [Bool]
    var closure: Closure
    /// Packages with conditions that were not met when they were looked at.
    private(set) var waiting: [Int32] = []
    private var isWaiting: Set<Int32> = []
    private var isTaken: [Bool]
    private var unmet: Set<Closure.Unmet> = []

    init(isBroken: [Bool]) {
        self.isBroken = isBroken
        closure = Closure(count: isBroken.count)
        isTaken = Array(repeating: false, count: isBroken.count)
    }

    mutating func take(_ package: Int32, for parent: Int32) {
        if isTaken[Int(package)] { return }
        isTaken[Int(package)] = true
        closure.packages.append(package)
        closure.parents[Int(package)] = parent
    }

    /// Takes what a demand leaves no choice of; false if there is more to it.
    mutating func takeForced(_ demand: Demand, of package: Int32) -> Bool {
        switch demand {
        case .anyOf(let lists):
            var isDone = !lists.allSatisfy(\.isEmpty)
            for list in usable(lists) where !list.isEmpty {
                if list.count == 1 { take(list[0], for: package) } else { isDone = false }
            }
            return isDone
        case .all(let parts): return parts.reduce(true) { takeForced($1, of: package) && $0 }
        case .first, .when: return false
        }
    }

    /// Takes what all demands of a package need.
    mutating func choose(_ package: Int32, _ demands: [Demand]) {
        for (requirement, demand) in demands.enumerated() where !choose(demand, of: package) {
            let missing = Closure.Unmet(package: package, requirement: requirement)
            if unmet.insert(missing).inserted { closure.unmet.append(missing) }
        }
    }

    /// False if nothing is there to meet the demand.
    private mutating func choose(_ demand: Demand, of package: Int32) -> Bool {
        switch demand {
        case .anyOf(let lists):
            for list in usable(lists) where !list.contains(package) {
                if let first = list.first, !list.contains(where: { isTaken[Int($0)] }) { take(first, for: package) }
            }
            return !lists.allSatisfy(\.isEmpty)
        case .all(let parts): return parts.reduce(true) { choose($1, of: package) && $0 }
        case .first(let parts):
            if parts.contains(where: { isMet($0, of: package) }) { return true }
            guard let part = parts.first(where: canMeet) ?? parts.first(where: isThere) else { return false }
            return choose(part, of: package)
        case .when(let condition, let then, let otherwise):
            let other = otherwise.map { choose($0, of: package) } ?? true
            if isMet(condition, of: package) { return choose(then, of: package) && other }
            if isWaiting.insert(package).inserted { waiting.append(package) }
            return other
        }
    }

    /// What needs something that is not there is taken only for want of better: then that is told.
    private func usable(_ lists: [[Int32]]) -> [[Int32]] {
        let usable = lists.map { $0.filter { !isBroken[Int($0)] } }
        return usable.allSatisfy(\.isEmpty) ? lists : usable
    }

    /// Whether what was taken meets a demand.
    private func isMet(_ demand: Demand, of package: Int32) -> Bool {
        switch demand {
        case .anyOf(let lists):
            lists.contains { $0.contains { $0 == package || (isTaken[Int($0)] && !isBroken[Int($0)]) } }
        case .all(let parts): parts.allSatisfy { isMet($0, of: package) }
        case .first(let parts): parts.contains { isMet($0, of: package) }
        case .when(let condition, let then, let otherwise):
            isMet(condition, of: package)
                ? isMet(then, of: package) : otherwise.map { isMet($0, of: package) } ?? true
        }
    }

    private func canMeet(_ demand: Demand) -> Bool {
        switch demand {
        case .anyOf(let lists): lists.contains { $0.contains { !isBroken[Int($0)] } }
        case .all(let parts): parts.allSatisfy(canMeet)
        case .first(let parts): parts.contains(where: canMeet)
        case .when(_, _, let otherwise): otherwise.map(canMeet) ?? true
        }
    }

    private func isThere(_ demand: Demand) -> Bool {
        switch demand {
        case .anyOf(let lists): !lists.allSatisfy(\.isEmpty)
        case .all(let parts): parts.allSatisfy(isThere)
        case .first(let parts): parts.contains(where: isThere)
        case .when(_, _, let otherwise): otherwise.map(isThere) ?? true
        }
    }
}
