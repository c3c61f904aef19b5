#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal, or what stands in for it: everything that a command reads from a person and
/// writes for one goes through here.
public struct Console: Sendable {
    /// Width of the terminal in columns; `nil` where output goes to a file or a pipe.
    public var width: Int?
    /// True if standard output may be coloured.
    public var colours: Bool
    /// True if standard error may be coloured.
    public var errorColours: Bool
    /// True if standard error is a terminal, where a line can be overwritten.
    public var showsProgress: Bool
    /// True if a person sits there who can answer a question.
    public var canAsk: Bool
    /// Writes to standard output.
    public var write: @Sendable (String) -> Void
    /// Writes to standard error.
    public var writeError: @Sendable (String) -> Void
    /// Reads a line from standard input; `nil` at its end.
    public var readLine: @Sendable () -> String?

    /// A console made of parts.
    public init(
        width: Int? = nil, colours: Bool = false, errorColours: Bool = false,
        showsProgress: Bool = false, canAsk: Bool = false,
        write: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void,
        readLine: @escaping @Sendable () -> String?
    ) {
        self.width = width
        self.colours = colours
        self.errorColours = errorColours
        self.showsProgress = showsProgress
        self.canAsk = canAsk
        self.write = write
        self.writeError = writeError
        self.readLine = readLine
    }

    /// The console of this process. Colour only on a terminal, never with `NO_COLOR`, never on a
    /// terminal that calls itself dumb.
    public static func system() -> Console {
        let wantsColour =
            (getenv("NO_COLOR").map { strlen($0) == 0 } ?? true)
            && getenv("TERM").map { String(cString: $0) } != "dumb"
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let errorIsTerminal = isatty(STDERR_FILENO) == 1
        return Console(
            width: outputIsTerminal ? terminalWidth() : nil,
            colours: outputIsTerminal && wantsColour,
            errorColours: errorIsTerminal && wantsColour,
            showsProgress: errorIsTerminal,
            canAsk: isatty(STDIN_FILENO) == 1 && errorIsTerminal,
            write: { writeAll($0, to: STDOUT_FILENO) },
            writeError: { writeAll($0, to: STDERR_FILENO) },
            readLine: { Swift.readLine() })
    }

    private static func terminalWidth() -> Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? 80
    }
}

private func writeAll(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written > 0 {
            bytes = bytes.dropFirst(written)
        } else if errno == EAGAIN {
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&ready, 1, -1)
        } else if errno != EINTR {
            // Nobody reads any more; there is nobody to tell either.
            return
        }
    }
}
