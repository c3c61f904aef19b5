/// How to talk to a registry, or to a server of archives.
public struct RegistrySettings: Sendable {
    /// True to speak plain HTTP where a registry is named, and to allow it where redirects, token
    /// servers and archives lead. Everybody on the way can read and change what is sent then.
    public var insecureHTTP = false
    /// A PEM file of certificates to trust. The directory of certificates of the system stays
    /// trusted where libcurl has one.
    public var caFile: String?
    /// Through which proxy.
    public var proxy: ProxyChoice = .environment
    /// Who to say that we are.
    public var credentials: CredentialSource = .usualFiles
    /// When to try again.
    public var retry = RetryPolicy()
    /// Most redirects of one request.
    public var redirectLimit = 5
    /// Longest time for one call that is no download, retries included.
    public var deadline: Duration = .seconds(120)
    /// Longest time for one download, retries included.
    public var downloadDeadline: Duration = .seconds(3600)
    /// Longest wait for a connection.
    public var connectTimeout: Duration = .seconds(15)
    /// Longest time without a byte, in whole seconds; the attempt is given up then.
    public var stallTimeout: Duration = .seconds(30)
    /// Most bytes of a manifest. Registries take at least 4 MB (distribution spec, "Pushing
    /// Manifests").
    public var manifestLimit = 4 << 20
    /// How many requests one call may have under way at once.
    public var parallelRequests = 4

    /// The usual settings.
    public init() {}

    func makeClient() throws -> HTTPClient {
        let transport = try HTTPTransport(
            HTTPTransport.Settings(
                caFile: caFile, proxy: proxy, connectTimeout: connectTimeout, stallTimeout: stallTimeout))
        return HTTPClient(transport: transport, redirectLimit: redirectLimit, allowsPlainHTTP: insecureHTTP)
    }
}
