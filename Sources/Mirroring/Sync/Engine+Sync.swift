extension Engine {
    /// Brings one repository up to date, from its lock to its switched links. Several may run at once on threads of their own.
    ///
    /// - Returns: how it ended; what went wrong stands there.
    public func sync(_ section: RepositorySection, _ options: SyncOptions) -> SyncReport {
        RepositorySync(engine: self, section: section, options: options) { [ecosystems] session in
            try ecosystems.type(section.type).init(section).plan(session)
        }.run()
    }
}
