import APT
import ChantalCommands
import Mirroring
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
])

exit(ChantalProgram.main(Array(CommandLine.arguments.dropFirst()), ecosystems: ecosystems))
