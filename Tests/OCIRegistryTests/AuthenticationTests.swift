import Foundation
import Testing

@testable import OCIRegistry

@Suite("WWW-Authenticate")
struct ChallengeTests {
    private func read(_ fields: String...) -> [AuthenticationChallenge] {
        AuthenticationChallenge.all(in: HTTPHeaders(fields.map { ("www-authenticate", $0) }))
    }

    @Test func bearer() {
        #expect(
            read(#"Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push""#) == [
                AuthenticationChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.example/token", "service": "reg", "scope": "repository:a/b:pull,push",
                    ])
            ])
    }

    @Test func severalInOneFieldAndInSeveral() {
        let found = read(#"Negotiate, NTLM TlRMTVNT==, Basic realm="a, \"b\"", charset=UTF-8"#, "BEARER Realm = x")
        #expect(found.map(\.scheme) == ["negotiate", "ntlm", "basic", "bearer"])
        #expect(found[2].parameters == ["realm": #"a, "b""#, "charset": "UTF-8"])
        #expect(found[3].parameters == ["realm": "x"])
    }

    @Test(arguments: ["", ",,", "Bearer", "Bearer realm", #"Bearer realm="open"#, "=", #"Basic realm="x\"#])
    func whatMakesNoSenseIsNoCrash(_ field: String) {
        for challenge in read(field) { #expect(challenge.parameters["realm"] == nil) }
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test func agreesWithFoundation() {
        for length in 0..<20 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(text) == bytes)
            #expect(Base64.decode(text.filter { $0 != "=" }) == bytes)
        }
    }

    @Test(arguments: ["a", "ab cd", "abc!", "====", "YQ==="])
    func refuses(_ text: String) { #expect(Base64.decode(text) == nil) }
}

@Suite("Files with credentials")
struct CredentialFileTests {
    private static func auth(_ name: String) -> String {
        #"{"auth":"\#(Base64.encode(Array("\(name):pass:word".utf8)))"}"#
    }

    private func user(_ json: String, _ text: String) throws -> String? {
        let reference = try RegistryReference(text)
        let file = try CredentialFile(Array(json.utf8), path: "auth.json")
        switch try file.answer(for: reference.registry, repository: reference.repository) {
        case .credentials(.password(let username, let password)):
            #expect(password == "pass:word")
            return username
        case .credentials(.identityToken(let token)): return "identity \(token)"
        case .credentials(.registryToken(let token)): return "token \(token)"
        case .helper(let name, let server): return "helper \(name) \(server)"
        case nil: return nil
        }
    }

    @Test func theLongestPathWins() throws {
        let json = """
            {"auths":{"r.io":\(Self.auth("all")),"r.io/team":\(Self.auth("team")),"r.io/team/app":\(Self.auth("app"))}}
            """
        #expect(try user(json, "r.io/team/app") == "app")
        #expect(try user(json, "r.io/team/application") == "team")
        #expect(try user(json, "r.io/team2/app") == "all")
        #expect(try user(json, "r.io:5000/team/app") == nil)
        #expect(try user(json, "other.io/team/app") == nil)
    }

    @Test func dockerHubHasManyNames() throws {
        for key in ["docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"] {
            #expect(try user(#"{"auths":{"\#(key)":\#(Self.auth("hub"))}}"#, "debian") == "hub", "\(key)")
        }
        #expect(try user(#"{"auths":{"docker.io/library":\#(Self.auth("lib"))}}"#, "debian") == "lib")
    }

    @Test func olderKeysAreURLs() throws {
        let json = #"{"auths":{"https://r.io/v2/":\#(Self.auth("old"))}}"#
        #expect(try user(json, "r.io/a") == "old")
        #expect(try user(json, "xr.io/a") == nil)
    }

    @Test func helpers() throws {
        let json = """
            {"auths":{"r.io":\(Self.auth("file")),"empty.io":{}},\
            "credHelpers":{"r.io":"ecr-login","docker.io":"hub"},"credsStore":"desktop"}
            """
        #expect(try user(json, "r.io/a") == "helper ecr-login r.io")
        #expect(try user(json, "debian") == "helper hub https://index.docker.io/v1/")
        #expect(try user(json, "empty.io/a") == "helper desktop empty.io")
        #expect(throws: RegistryError.self) { try user(#"{"credsStore":"../../bin/sh"}"#, "r.io/a") }
    }

    @Test func otherKinds() throws {
        #expect(try user(#"{"auths":{"r.io":{"auth":"x","identitytoken":"id"}}}"#, "r.io/a") == "identity id")
        #expect(try user(#"{"auths":{"r.io":{"registrytoken":"tok"}}}"#, "r.io/a") == "token tok")
        #expect(try user(#"{"auths":{"r.io":{"username":"u","password":"pass:word"}}}"#, "r.io/a") == "u")
        #expect(try user("{}", "r.io/a") == nil)
    }

    @Test(arguments: [
        "", "[]", "{", #"{"auths":{"r.io":{"auth":"%%%"}}}"#, #"{"auths":{"r.io":{"auth":"bm9jb2xvbg=="}}}"#,
    ])
    func saysWhatIsWrong(_ json: String) {
        let error = #expect(throws: RegistryError.self) { try user(json, "r.io/a") }
        #expect(error?.code == .invalidCredentials)
        #expect(error?.message.contains("auth.json") == true)
    }

    @Test func locations() {
        func paths(_ environment: [String: String]) -> [String] {
            CredentialLocations { environment[$0] }.paths
        }
        #expect(paths(["HOME": "/h"]) == ["/h/.config/containers/auth.json", "/h/.docker/config.json"])
        #expect(
            paths(["HOME": "/h", "XDG_RUNTIME_DIR": "/run/u", "XDG_CONFIG_HOME": "/c", "DOCKER_CONFIG": "/d"])
                == ["/run/u/containers/auth.json", "/c/containers/auth.json", "/d/config.json"])
        #expect(paths(["HOME": "/h", "REGISTRY_AUTH_FILE": "/a.json"]) == ["/a.json"])
        #expect(paths(["HOME": "/h", "REGISTRY_AUTH_FILE": ""]).count == 2)
    }

    @Test func aNamedFileMustExist() async throws {
        let registry = try RegistryName("r.io")
        await expectError(.invalidCredentials) {
            try await CredentialSource.file("/nowhere/auth.json").credentials(for: registry)
        }
    }

    @Test func credentialsAreNotPrinted() {
        for secret in [
            Credentials.password(username: "u", password: "hunter2"), .identityToken("hunter2"),
            .registryToken("hunter2"),
        ] {
            var dumped = ""
            dump(secret, to: &dumped)
            for text in ["\(secret)", String(reflecting: secret), "\(Optional(secret) as Any)", dumped, "\([secret])"] {
                #expect(!text.contains("hunter2"))
            }
        }
    }
}
