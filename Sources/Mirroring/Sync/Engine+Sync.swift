extension Engine {
    /// Brings one repository or view up to date, from its lock to its switched links. Several may run at once on threads of their own.
    ///
    /// - Returns: how it ended; what went wrong stands there.
    public func sync(_ section: RepositorySection, _ options: SyncOptions) -> SyncReport {
        RepositorySync(engine: self, section: section, options: options) { session in
            guard section.isView else { return try self.ecosystems.type(section.type).init(section).plan(session) }
            return try ViewPlanner(engine: self, section: section, options: options, session: session).plan()
        }.run()
    }
}
