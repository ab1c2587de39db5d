import APT
import ChantalCommands
import Mirroring
import PyPI
import RPM

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// The ecosystems of this program, one line each.
let ecosystems = EcosystemRegistry([
    APTEcosystem.self,
    RPMEcosystem.self,
    PyPIEcosystem.self,
])

exit(ChantalProgram.main(Array(CommandLine.arguments.dropFirst()), ecosystems: ecosystems))
