import Basics

extension Engine {
    /// Adds packages to a hosted repository: all of these files in one new generation, or none. Goes from lock to links as a sync does.
    ///
    /// - Returns: how it ended; `unchanged` if all of them are there already.
    /// - Throws: ``ChantalError`` `usage` for a repository with an upstream.
    public func add(_ files: [String], to section: RepositorySection, _ options: HostingOptions) throws -> SyncReport {
        try requireHosted(section, verb: "add")
        return revise(section) { desk in
            Revision(
                uploads: try files.map(desk.take), removals: Removals([]), options: options,
                neighbour: { try desk.take($1, beside: $0) })
        }
    }

    /// Removes packages from a hosted repository: all that these words name in one new generation, or none.
    ///
    /// - Parameter words: as the ecosystem's users name packages: a name, a name and a version, a file.
    /// - Returns: how it ended; `failed` with `not_found` if a word names nothing.
    /// - Throws: ``ChantalError`` `usage` for a repository with an upstream.
    public func remove(_ words: [String], from section: RepositorySection, _ options: HostingOptions) throws
        -> SyncReport
    {
        try requireHosted(section, verb: "remove")
        return revise(section) { desk in
            Revision(
                uploads: [], removals: Removals(words), options: options, neighbour: { try desk.take($1, beside: $0) })
        }
    }

    private func requireHosted(_ section: RepositorySection, verb: String) throws {
        if section.isHosted { return }
        throw ChantalError(
            .usage,
            "'\(section.name)' mirrors an upstream, which says what it holds: \(verb) is for hosted repositories",
            hint: "make a repository of your own without 'upstream', and a view of both")
    }

    private func revise(_ section: RepositorySection, _ revision: @escaping (UploadDesk) throws -> Revision)
        -> SyncReport
    {
        RepositorySync(engine: self, section: section, options: SyncOptions(), isAttempt: false) { session in
            let ecosystem = try self.ecosystems.type(section.type).init(section)
            return try ecosystem.revise(session, try revision(UploadDesk(engine: self, session: session)))
        }.run()
    }
}
