/// Documents of RPM repositories that tests unite.
enum ViewDocuments {
    static func comps(_ groups: KeyValuePairs<String, [String]>) -> String {
        let elements = groups.map { id, packages in
            let list = packages.map { "<packagereq type=\"mandatory\">\($0)</packagereq>" }.joined()
            return
                "<group><id>\(id)</id><name>\(id)</name><description/><default>false</default><uservisible>true</uservisible><packagelist>\(list)</packagelist></group>"
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<comps>\(elements.joined(separator: "\n"))</comps>\n"
    }

    /// One advisory for version 1.0-1 of a package each.
    static func updates(_ advisories: [(id: String, package: String, version: String)]) -> String {
        let elements = advisories.map { id, package, version in
            """
            <update from="x@example.org" status="final" type="security" version="\(version)"><id>\(id)</id><title>\(id)</title>
            <issued date="2026-01-02 00:00:00"/><updated date="2026-01-02 00:00:00"/><severity>Important</severity><references/>
            <description>d</description><pkglist><collection short="x"><name>x</name>
            <package name="\(package)" version="1.0" release="1" epoch="0" arch="noarch" src="x.src.rpm">
            <filename>\(package)-1.0-1.noarch.rpm</filename></package></collection></pkglist></update>
            """
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\(elements.joined(separator: "\n"))</updates>\n"
    }

    /// A stream with one package, `NAME-VERSION-RELEASE`, and perhaps the module's default.
    static func module(_ name: String, _ stream: String, package: String, isDefault: Bool) -> String {
        let dash = package.firstIndex(of: "-").map { package.index(after: $0) } ?? package.startIndex
        let nevra = "\(package[..<dash])0:\(package[dash...]).noarch"
        var text = """
            ---
            document: modulemd
            version: 2
            data:
              name: \(name)
              stream: "\(stream)"
              version: 1
              context: c
              arch: noarch
              summary: s
              description: d
              license: {module: [MIT]}
              profiles: {default: {rpms: [\(name)]}}
              artifacts: {rpms: ["\(nevra)"]}
            ...

            """
        if isDefault {
            text += """
                ---
                document: modulemd-defaults
                version: 1
                data:
                  module: \(name)
                  stream: "\(stream)"
                  profiles: {"\(stream)": [default]}
                ...

                """
        }
        return text
    }
}
