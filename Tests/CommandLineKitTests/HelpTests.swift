import CommandLineKit
import Testing

@Suite("Help and reference")
struct HelpTests {
    @Test("the help of a command")
    func command() throws {
        #expect(
            try Sample.program.help(at: ["sync"], columns: 72) == """
                sample sync: bring up to date

                usage: sample sync [REPO...] [--dry-run] [--jobs N]
                           [--mode fast|careful] [--tag TAG]

                Text.

                  an indented line

                arguments:
                  [REPO...]  a repository

                options:
                  -n, --dry-run        only say what would be done
                  -j, --jobs N         how many at once [default: 4]
                  --mode fast|careful  how to work
                  --tag TAG            a word | another

                global options:
                  -q, --quiet        say less
                  -c, --config FILE  the configuration
                  -h, --help         show help for a command

                examples:
                  # do all
                  sample sync --full

                """)
    }

    @Test("the help of the program leaves hidden commands out")
    func root() throws {
        #expect(
            try Sample.program.help(at: []) == """
                sample: does things

                usage: sample [OPTION...] COMMAND

                Some words on it.

                commands:
                  sync      bring up to date
                  init      make anew
                  snapshot  named states

                options:
                  -q, --quiet        say less
                  -c, --config FILE  the configuration
                  -h, --help         show help for a command
                  --version          show the version

                See 'sample help COMMAND' for a command.

                """)
    }

    @Test("no line of help is wider than the terminal")
    func width() throws {
        for path in [[], ["sync"], ["init"], ["snapshot"], ["snapshot", "create"]] {
            for line in try Sample.program.help(at: path, columns: 60).split(separator: "\n") {
                #expect(line.count <= 60, "\(line)")
            }
        }
    }

    @Test("the reference holds every command, and bars do not end table cells")
    func markdown() {
        let page = Sample.program.markdown
        #expect(
            page.contains(
                "### sample snapshot create\n\nName a state.\n\n```\nsample snapshot create STATE... NAME\n```\n"))
        #expect(page.contains("| `--mode fast\\|careful` | how to work |"))
        #expect(page.contains("| `-j`, `--jobs N` | how many at once [`4`] |"))
        #expect(page.contains("```\nan indented line\n```\n"))
        #expect(!page.contains("secret"))
        #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
    }
}
