import OCIRegistry

extension YesterdayError {
    /// What an error of a registry or of a server of archives means for whoever started the command.
    public init(_ error: RegistryError) {
        var hint = error.hint
        if error.code == .tlsFailed || error.code == .insecure {
            hint = [hint, "(--ca-file FILE, --insecure-http SERVER)"].compactMap { $0 }.joined(separator: " ")
        }
        if error.code == .timedOut { hint = [hint, "(--timeout SECONDS)"].compactMap { $0 }.joined(separator: " ") }
        self.init(Code(error.code), error.message, detail: error.detail, hint: hint, cause: error)
    }
}

extension YesterdayError.Code {
    /// The kind of an error of a registry.
    public init(_ code: RegistryError.Code) {
        self =
            switch code {
            case .invalidReference, .malformedResponse, .unsupportedManifest, .tooLarge, .digestMismatch,
                .sizeMismatch, .tagMoved:
                .badInput
            case .invalidSettings, .invalidCredentials, .credentialHelperFailed, .tlsFailed, .insecure:
                .configuration
            case .connectionFailed, .timedOut, .serverFailed, .unexpectedStatus, .redirectLoop, .tooManyRedirects:
                .unavailable
            case .unauthorized, .forbidden: .notPermitted
            case .notFound, .platformMissing, .blobsMissing: .nothing
            case .rateLimited, .busy: .busy
            case .fileFailed: .failed
            }
    }
}
