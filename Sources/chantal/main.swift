import ChantalCommands
import Mirroring

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

exit(ChantalProgram.main(Array(CommandLine.arguments.dropFirst()), ecosystems: EcosystemRegistry([])))
