import CommandLineKit

/// `chantal doctor`
enum DoctorCommand {
    private static let rebuild = Flag("rebuild", "make the catalog anew from the files of the store")

    static let command = Command<Context>(
        "doctor", "check the machine, the store, the keys and the upstreams, and say what to do",
        discussion: "Exit status 1 if there is a problem.", options: [rebuild]
    ) { context, arguments in
        try pending(context)
    }
}
