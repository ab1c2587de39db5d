import CommandLineKit

/// `chantal completion bash|zsh|fish`
enum CompletionCommand {
    private static let shell = Argument(
        "SHELL", .one, "bash, zsh or fish", completion: .words(Shell.allCases.map(\.rawValue)))

    static let command = Command<Context>(
        "completion", "write a completion script for a shell",
        discussion: "The script asks chantal itself for candidates, names of repositories and states included.",
        synopses: ["bash|zsh|fish"],
        examples: [
            .init("completion bash > /etc/bash_completion.d/chantal", "for every user of bash"),
            .init("completion zsh > /usr/local/share/zsh/site-functions/_chantal", "for every user of zsh"),
            .init("completion fish > ~/.config/fish/completions/chantal.fish", "for oneself in fish"),
        ],
        arguments: [shell]
    ) { context, arguments in
        let name = try arguments.required(shell)
        guard let shell = Shell(rawValue: name) else {
            throw OptionValue.noChoice(name, among: Shell.allCases.map(\.rawValue))
        }
        let script = shell.completionScript(for: ChantalProgram.program.name)
        context.show(TextResult(text: script)) { $0.write(script) }
        return .done
    }
}
