import ArgumentParser
import YesterdayKit

/// `yesterday completion`
struct CompletionCommand: Subcommand {
    /// The shells that can complete.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script that lets a shell complete commands and options.",
        discussion: """
            bash: yesterday completion bash > /etc/bash_completion.d/yesterday
            zsh:  yesterday completion zsh > "${fpath[1]}/_yesterday"
            fish: yesterday completion fish > ~/.config/fish/completions/yesterday.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let completion: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        context.output.emit(
            ScriptOutput(
                shell: shell.rawValue, script: YesterdayCommand.completionScript(for: completion)))
    }
}

struct ScriptOutput: CommandOutput {
    let shell: String
    let script: String

    var json: JSONValue { ["shell": .string(shell), "script": .string(script)] }
    var document: Document { Document(.script(script)) }
}
