import ChantalCommands

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

exit(ChantalProgram.main(Array(CommandLine.arguments.dropFirst())))
