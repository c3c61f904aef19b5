import Subprocess

/// Another program of which the output is wanted and nothing else.
public struct Tool: Sendable {
    /// What a run gave.
    public struct Output: Sendable {
        /// Standard output.
        public let standardOutput: String
        /// Standard error.
        public let standardError: String
        /// The exit code; 128 plus the signal for a program that a signal ended.
        public let exitCode: Int32
    }

    /// Path of the program, or its name to be looked up in `PATH`.
    public let program: String
    /// Words of the command line that come before all others.
    public let leading: [String]
    /// Environment variables on top of the inherited ones; `nil` removes one.
    public let environment: [String: String?]
    /// True if what the program has started ends with it when the run is cancelled; it runs in a
    /// session of its own then.
    public var endsDescendants = false

    /// A program.
    public init(_ program: String, leading: [String] = [], environment: [String: String?] = [:]) {
        self.program = program
        self.leading = leading
        self.environment = environment
    }

    /// Runs the program and returns what it wrote and its exit code.
    ///
    /// - Throws: ``YesterdayError`` if it cannot be started.
    public func output(_ arguments: [String] = [], input: String = "") async throws -> Output {
        var options = PlatformOptions()
        if endsDescendants {
            options.createSession = true
            options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        }
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(.init(program)) : .name(program),
                arguments: Arguments(leading + arguments),
                environment: .inherit.updating(
                    Dictionary(
                        uniqueKeysWithValues: environment.map {
                            (Environment.Key(stringLiteral: $0), $1)
                        })),
                platformOptions: options,
                input: .string(input),
                output: .string(limit: 64 << 20),
                error: .string(limit: 1 << 20))
            return Output(
                standardOutput: result.standardOutput, standardError: result.standardError,
                exitCode: result.terminationStatus.shellCode)
        } catch {
            throw YesterdayError(
                .configuration, "\(program) cannot be run", detail: "\(error)", cause: error)
        }
    }

    /// Runs the program, which must succeed, and returns its standard output.
    ///
    /// - Throws: ``YesterdayError`` with what it wrote to standard error if it fails.
    @discardableResult
    public func run(_ arguments: [String] = [], input: String = "") async throws -> String {
        let output = try await output(arguments, input: input)
        guard output.exitCode == 0 else {
            let words = ([program] + leading + arguments).joined(separator: " ")
            let told = output.standardError.isEmpty ? output.standardOutput : output.standardError
            throw YesterdayError(
                .failed, "\(program) failed with exit code \(output.exitCode)",
                detail: "Command: \(words)\n\(told)")
        }
        return output.standardOutput
    }
}

extension TerminationStatus {
    /// The exit code, or 128 plus the number of the signal, as shells put it.
    public var shellCode: Int32 {
        switch self {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}
