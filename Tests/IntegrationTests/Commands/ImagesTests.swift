import Foundation
import OCIRegistry
import TestSupport
import Testing
import YesterdayKit

@Suite(
    "yesterday images check",
    .enabled(if: TestRegistry.isAvailable, "docker-registry and its company are not installed: make setup"),
    .timeLimit(.minutes(10)))
struct ImagesTests {
    private func check(_ arguments: String..., environment: [String: String?] = [:]) async throws -> Tool.Output {
        // Nobody's login, and no proxy between here and here.
        let alone: [String: String?] = ["HOME": "/nonexistent", "XDG_RUNTIME_DIR": nil, "no_proxy": "127.0.0.1"]
        return try await YesterdayBinary.run(
            ["images", "check"] + arguments, environment: alone.merging(environment) { $1 })
    }

    @Test func whatIsThereAndWhatIsNot() async throws {
        let registry = try await TestRegistry()
        let plain = "--insecure-http=\(registry.name)"
        let pushed = try await registry.push("shop/api:1.0", layers: ["lower", "upper"])
        let image = "\(registry.name)/shop/api"

        let good = try await check(plain, "\(image):1.0", "--format", "json")
        #expect(good.exitCode == 0, "\(good.everything)")
        let found = try #require((good.json()["images"] as? [[String: Any]])?.first)
        #expect(try good.json()["fetchable"] as? Bool == true)
        #expect(found["digest"] as? String == "\(pushed.manifest)")
        #expect(found["pinned"] as? String == "\(image):1.0@\(pushed.manifest)")
        #expect(found["blobs"] as? Int == 3)
        #expect(found["platform"] as? String == "\(Platform.host)")
        #expect(found["error"] is NSNull)

        try registry.collect(pushed.layers[1])
        let bad = try await check(plain, "\(image):1.0", "\(image):2.0", "--format", "json")
        #expect(bad.exitCode == 4, "\(bad.everything)")
        let errors = try #require(bad.json()["images"] as? [[String: Any]]).map { $0["error"] as? [String: Any] }
        #expect(errors.map { $0?["code"] as? String } == ["blobs_missing", "not_found"])
        #expect((errors[0]?["detail"] as? String)?.contains("\(pushed.layers[1])") == true)

        let forPeople = try await check(plain, "\(image):1.0")
        #expect(forPeople.exitCode == 4)
        #expect(forPeople.standardOutput.hasPrefix("The image cannot be fetched."), "\(forPeople.everything)")
        #expect(forPeople.standardOutput.contains("Push the image again."))
        let several = try await check(plain, "\(image):1.0", "\(image):2.0")
        #expect(several.standardOutput.hasPrefix("2 of 2 images cannot be fetched."), "\(several.everything)")
        #expect(!several.standardOutput.contains("\\n"), "\(several.everything)")

        // The word for plain HTTP is for one registry.
        let encrypted = try await check("\(image):1.0", "--insecure-http", "other.example")
        #expect(encrypted.exitCode == 78, "\(encrypted.everything)")
        #expect(encrypted.standardOutput.contains("--insecure-http"))
        registry.stop()
        #expect(try await check(plain, "\(image):1.0").exitCode == 69)
    }

    @Test func loginsComeFromTheUsualFile() async throws {
        let registry = try await TestRegistry(.password(username: "deploy", password: "secret"))
        try await registry.push("shop/api:1.0", layers: ["layer"])
        let arguments = ["--insecure-http=\(registry.name)", "\(registry.name)/shop/api:1.0"]
        let nobody = try await check(arguments[0], arguments[1])
        #expect(nobody.exitCode == 77, "\(nobody.everything)")
        #expect(nobody.standardOutput.contains("podman login \(registry.name)"))

        let file = "\(registry.folder)/auth.json"
        let login = Data("deploy:secret".utf8).base64EncodedString()
        try #"{"auths":{"\#(registry.name)/shop":{"auth":"\#(login)"}}}"#
            .write(toFile: file, atomically: false, encoding: .utf8)
        let somebody = try await check(arguments[0], arguments[1], environment: ["REGISTRY_AUTH_FILE": file])
        #expect(somebody.exitCode == 0, "\(somebody.everything)")

        // A helper is a program of the PATH that is told the registry.
        let helper = "\(registry.folder)/docker-credential-test"
        try """
        #!/bin/sh
        [ "$1" = get ] && [ "$(cat)" = "\(registry.name)" ] && echo '{"Username":"deploy","Secret":"secret"}'
        """.write(toFile: helper, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper)
        try #"{"credHelpers":{"\#(registry.name)":"test"}}"#.write(toFile: file, atomically: false, encoding: .utf8)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let helped = try await check(
            arguments[0], arguments[1], environment: ["REGISTRY_AUTH_FILE": file, "PATH": "\(registry.folder):\(path)"])
        #expect(helped.exitCode == 0, "\(helped.everything)")

        try "no json".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(try await check(arguments[0], arguments[1], environment: ["REGISTRY_AUTH_FILE": file]).exitCode == 78)
    }

    @Test func certificatesAndProxies() async throws {
        let registry = try await TestRegistry(.encrypted)
        try await registry.push("shop/api:1.0", layers: ["layer"])
        let image = "\(registry.name)/shop/api:1.0"
        #expect(try await check(image).exitCode == 78)
        let trusted = try await check(image, "--ca-file", registry.caFile)
        #expect(trusted.exitCode == 0, "\(trusted.everything)")
        #expect(try await check(image, "--ca-file", "/nonexistent/ca.pem").exitCode == 78)
        // A file without certificates is not taken for a certificate of the server that is wrong.
        let none = try await check(image, "--ca-file", "/etc/passwd")
        #expect(none.exitCode == 78 && none.everything.contains("the CA file /etc/passwd holds no certificate"), "\(none.everything)")
        // A proxy that is not there is in the way only if it is asked.
        let proxied = try await check(
            image, "--ca-file", registry.caFile, "--timeout", "3",
            environment: ["https_proxy": "http://127.0.0.1:9", "no_proxy": nil, "NO_PROXY": nil])
        #expect(proxied.exitCode == 69, "\(proxied.everything)")
    }

    @Test func whatIsWrittenWrong() async throws {
        for arguments in [["Upper/case/REPO"], ["a", "--platform", "linux"], ["a", "--insecure-http", "http://r"]] {
            let output = try await YesterdayBinary.run(["images", "check"] + arguments + ["--format", "json"])
            #expect(output.exitCode == 65, "\(output.everything)")
            #expect(try output.json()["error"] != nil)
        }
    }
}
