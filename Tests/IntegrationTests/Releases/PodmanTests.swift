import Foundation
import OCIRegistry
import TestSupport
import Testing
import YesterdayKit

@Suite(
    "Releases: real images, real containers",
    .enabled(if: TestRegistry.isAvailable, "docker-registry and its company are not installed: make setup"),
    .enabled(if: TestContainers.isAvailable, "podman, runc and busybox-static are not installed, or this is not root"),
    .timeLimit(.minutes(20)))
struct PodmanTests {
    private func served(_ port: Int) async throws -> String {
        let output = try await Tool("curl").output(["-sS", "--noproxy", "*", "-m", "5", "http://127.0.0.1:\(port)/version"])
        return output.exitCode == 0 ? output.standardOutput : "nothing"
    }

    private func set(
        _ fixture: ReleaseFixture, _ containers: TestContainers, _ port: Int, _ name: String = "api",
        pullFlags: [String] = ["--tls-verify=false"]
    ) async throws {
        func list(_ words: [String]) -> String { "[\(words.map { "\"\($0)\"" }.joined(separator: ","))]" }
        try await fixture.set(
            name, "podman", "container=shop-\(name)", "podman_flags=\(list(containers.flags))",
            "flags=\(list(TestContainers.runFlags))", "pull_flags=\(list(pullFlags))", "stop_timeout=1",
            "stable=0", "health_timeout=20", "health_url=http://127.0.0.1:\(port)/version")
    }

    @Test func forwardAndBack() async throws {
        let registry = try await TestRegistry()
        let containers = try TestContainers()
        let result: Result<Void, any Error>
        do {
            try await story(registry, containers)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await containers.remove()
        try result.get()
    }

    private func story(_ registry: TestRegistry, _ containers: TestContainers) async throws {
        let port = try TestRegistry.freePort()
        let image = "\(registry.name)/shop/api"
        let plain = "--insecure-http=\(registry.name)"
        for version in ["1", "2"] {
            try await containers.push(version, as: "\(image):\(version)", port: port, pushFlags: ["-q", "--tls-verify=false"])
        }
        try await containers.push(
            "bad", as: "\(image):bad", port: port, command: ["/bin/busybox", "false"], pushFlags: ["-q", "--tls-verify=false"])
        try await ReleaseFixture.with { fixture in
            try await set(fixture, containers, port)
            func bundle(_ tag: String) throws -> String {
                try fixture.bundle(tag, artifacts: "  - {name: api, oci: \"\(image):\(tag)\"}")
            }
            func state() async throws -> String {
                let words = try await fixture.state()
                return "\(words.dropLast(8)) serves \(try await served(port))"
            }
            // By tag: what is recorded is the digest.
            let first = try await fixture.deploy(bundle("1"), plain, "--format", "json")
            #expect(first.exitCode == 0, "\(first.everything)")
            #expect(try await state() == "on_train confirmed \"as in 1\" serves 1")
            #expect(try await fixture.value("SELECT artifacts -> 'api' ->> 'reference' FROM yesterday.code") ?? "" ~= "\(image):1@sha256:")
            let second = try await fixture.deploy(bundle("2"), plain)
            #expect(second.exitCode == 0, "\(second.everything)")
            #expect(try await state() == "on_train confirmed \"as in 2\" serves 2")

            // An image that ends at once makes room for the one before.
            let bad = try await fixture.deploy(bundle("bad"), plain, "--rollback-on-failure")
            #expect(bad.exitCode == 5, "\(bad.everything)")
            #expect(bad.standardOutput.contains("exit code 1"), "\(bad.everything)")
            #expect(try await state() == "off_train confirmed \"as in 2\" serves 2")

            // What must not be collected, whether it is there, and what is found out about it.
            let list = try await fixture.yesterday(["images", "--format", "json"])
            let pinned = try #require(list.json()["pinned"] as? [[String: Any]])
            #expect(pinned.count == 2 && pinned.filter { $0["in_use"] as? Bool == true }.count == 1, "\(list.everything)")
            let checked = try await fixture.yesterday(["images", "check", plain])
            #expect(checked.exitCode == 0, "\(checked.everything)")
            #expect(checked.standardOutput.contains("all 2 that a rollback may need are there"), "\(checked.everything)")
            func kept() async throws -> [String] {
                try await containers.podman(["images", "--format", "{{.Repository}}:{{.Tag}}"])
                    .split(whereSeparator: \.isNewline).map(String.init).filter { $0.hasPrefix("localhost/yesterday-keep/") }
            }
            let before = try await kept()
            #expect(before.count == 2, "\(before)")
            for tag in before { try await containers.podman(["untag", tag]) }
            let pulled = try await fixture.yesterday(["images", "pull", plain])
            #expect(pulled.exitCode == 0, "\(pulled.everything)")
            #expect(try await kept().sorted() == before.sorted())

            // The registry is gone, and somebody has cleaned up: the image of before was kept.
            registry.stop()
            #expect(try await fixture.yesterday(["images", "check", plain, "--timeout", "2"]).exitCode == 69)
            try await containers.podman(["image", "prune", "-f"])
            #expect(try await fixture.yesterday(["clear", "--reason", "test"]).exitCode == 0)
            let back = try await fixture.yesterday(["rollback", "--yes"])
            #expect(back.exitCode == 0, "\(back.everything)")
            #expect(try await state() == "off_train confirmed \"as in 1\" serves 1")
            // A container that somebody stopped is no code that runs.
            try await containers.podman(["stop", "-a", "-t", "0"])
            #expect(try await served(port) == "nothing")
            let again = try await fixture.yesterday(["reconcile"])
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(try await state() == "off_train confirmed \"as in 1\" serves 1")
            // Before the first release nothing ran.
            #expect(try await fixture.yesterday(["rollback", "1", "--yes"]).exitCode == 0)
            #expect(try await state() == "off_train confirmed \"workflow 1\" serves nothing")
        }
    }

    /// With a login and a certificate of the house's own authority.
    @Test(arguments: ["password", "encrypted"])
    func fromARegistryThatAsks(_ kind: String) async throws {
        let registry = try await TestRegistry(kind == "encrypted" ? .encrypted : .password(username: "deploy", password: "secret"))
        let containers = try TestContainers()
        let result: Result<Void, any Error>
        do {
            let port = try TestRegistry.freePort()
            let certificates = "\(containers.folder)/certificates"
            try FileManager.default.createDirectory(atPath: certificates, withIntermediateDirectories: true)
            var pullFlags = ["--tls-verify=false"]
            var options = ["--insecure-http=\(registry.name)"]
            if kind == "encrypted" {
                try FileManager.default.copyItem(atPath: registry.caFile, toPath: "\(certificates)/ca.crt")
                pullFlags = ["--cert-dir", certificates]
                options = ["--ca-file", registry.caFile]
            }
            let image = "\(registry.name)/shop/api:1"
            // What "podman login" writes; the controller and its podman read the same file.
            let login = "\(containers.folder)/auth.json"
            try #"{"auths": {"\#(registry.name)": {"auth": "\#(Data("deploy:secret".utf8).base64EncodedString())"}}}"#
                .write(toFile: login, atomically: true, encoding: .utf8)
            try await containers.push("1", as: image, port: port, pushFlags: ["-q", "--authfile", login] + pullFlags)
            let (flags, pull) = (pullFlags, options)
            try await ReleaseFixture.with { fixture in
                try await set(fixture, containers, port, pullFlags: flags)
                let bundle = try fixture.bundle("1", artifacts: "  - {name: api, oci: \"\(image)\"}")
                let output = try await fixture.yesterday(["deploy", bundle] + pull, environment: ["REGISTRY_AUTH_FILE": login])
                #expect(output.exitCode == 0, "\(output.everything)")
                #expect(try await served(port) == "1")
                #expect(try await fixture.yesterday(["rollback", "--yes"]).exitCode == 0)
                #expect(try await served(port) == "nothing")
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await containers.remove()
        try result.get()
    }

    /// Who cannot log in, does not trust the registry, or asks for what is not there.
    @Test func registriesThatDoNotGiveIt() async throws {
        let locked = try await TestRegistry(.password(username: "deploy", password: "secret"))
        try await locked.push("shop/api:1", layers: ["a", "b"])
        let encrypted = try await TestRegistry(.encrypted)
        try await encrypted.push("shop/api:1", layers: ["a", "b"])
        try await ReleaseFixture.with { fixture in
            let before = try await fixture.target.dump()
            func deploy(_ image: String, _ options: String...) async throws -> Tool.Output {
                try await fixture.yesterday(
                    ["deploy", fixture.bundle("1", artifacts: "  - {name: api, oci: \"\(image)\"}"), "--timeout", "10"] + options)
            }
            let noLogin = try await deploy("\(locked.name)/shop/api:1", "--insecure-http=\(locked.name)")
            #expect(noLogin.exitCode == 77, "\(noLogin.everything)")
            let noTrust = try await deploy("\(encrypted.name)/shop/api:1")
            #expect(noTrust.exitCode == 78, "\(noTrust.everything)")
            let noTag = try await deploy("\(encrypted.name)/shop/api:9", "--ca-file", encrypted.caFile)
            #expect(noTag.exitCode == 4, "\(noTag.everything)")
            #expect(noTag.standardError.contains("artifact api"), "\(noTag.everything)")
            let noPlain = try await deploy("\(locked.name)/shop/api:1")
            #expect(noPlain.exitCode == 78, "\(noPlain.everything)")
            #expect(try await fixture.target.dump() == before)
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "0")
            let good = try await deploy("\(encrypted.name)/shop/api:1", "--ca-file", encrypted.caFile)
            #expect(good.exitCode == 0, "\(good.everything)")
        }
    }

    /// The bundle is the one that is deployed, and the image under its tag is not.
    @Test func aTagThatNamesAnotherImageNow() async throws {
        let registry = try await TestRegistry()
        let plain = "--insecure-http=\(registry.name)"
        let first = try await registry.push("shop/api:1", layers: ["one"])
        try await ReleaseFixture.with { fixture in
            let bundle = try fixture.bundle("1", artifacts: "  - {name: api, oci: \"\(registry.name)/shop/api:1\"}")
            func runs() -> String { (try? String(contentsOfFile: "\(fixture.folder)/state/runs-api", encoding: .utf8)) ?? "" }
            for _ in 1...2 {
                let output = try await fixture.deploy(bundle, plain)
                #expect(output.exitCode == 0, "\(output.everything)")
            }
            let second = try await registry.push("shop/api:1", layers: ["one, but different"])
            let moved = try await fixture.deploy(bundle, plain)
            #expect(moved.exitCode == 5 && moved.standardError.contains("names another image now"), "\(moved.everything)")
            #expect(moved.standardError.contains("Nothing was changed."), "\(moved.everything)")
            #expect(runs().hasPrefix(first.manifest.description))
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "1")
            #expect(try await fixture.deploy(bundle, plain, "--again").exitCode == 0)
            #expect(runs().hasPrefix(second.manifest.description))
            // Who cannot be asked keeps nobody from running a job again.
            registry.stop()
            let down = try await fixture.deploy(bundle, plain, "--timeout", "2")
            #expect(down.exitCode == 0 && down.standardError.contains("could not be asked"), "\(down.everything)")
        }
    }

    /// An image that was collected since, a blob that was altered, a tag that moves in between.
    @Test func imagesThatAreNotWhatTheyWere() async throws {
        let registry = try await TestRegistry()
        let plain = "--insecure-http=\(registry.name)"
        let first = try await registry.push("shop/api:1", layers: ["one"])
        try await registry.push("shop/api:2", layers: ["two"])
        try await ReleaseFixture.with { fixture in
            func bundle(_ tag: String) throws -> String {
                try fixture.bundle(tag, artifacts: "  - {name: api, oci: \"\(registry.name)/shop/api:\(tag)\"}")
            }
            #expect(try await fixture.deploy(bundle("1"), plain).exitCode == 0)
            let before = try await fixture.target.dump()

            // The tag moves while the runtime fetches.
            try fixture.tell("hold-keep")
            let two = try bundle("2")
            async let moved = fixture.deploy(two, plain)
            try await fixture.wait { fixture.exists("state/held-keep") }
            try await registry.push("shop/api:2", layers: ["two, but different"])
            fixture.untell("hold-keep")
            let output = try await moved
            #expect(output.exitCode == 65, "\(output.everything)")
            #expect(output.standardError.contains("artifact api: the tag"), "\(output.everything)")
            #expect(output.standardError.contains("Nothing was changed."), "\(output.everything)")
            #expect(try await fixture.target.dump() == before)
            #expect(try await fixture.value("SELECT last_deployment_name || ' ' || code_state FROM yesterday.status") == "shop 1 confirmed")

            // What runs now was collected: a rollback would have nowhere to go.
            try registry.collect(first.layers[0])
            let collected = try await fixture.deploy(bundle("2"), plain)
            #expect(collected.exitCode == 4, "\(collected.everything)")
            #expect(collected.standardError.contains("nowhere to go"), "\(collected.everything)")
            #expect(try await fixture.target.dump() == before)

            // What is to run was collected, or is something else.
            let third = try await registry.push("shop/api:3", layers: ["three"])
            try registry.collect(third.layers[0])
            #expect(try await fixture.deploy(bundle("3"), plain).exitCode == 4)
            let fourth = try await registry.push("shop/api:4", layers: ["four"])
            let hex = fourth.manifest.hex
            try "{\"altered\": true}".write(
                toFile: "\(registry.blobFolder)/\(hex.prefix(2))/\(hex)/data", atomically: true, encoding: .utf8)
            let altered = try await fixture.deploy(bundle("4"), plain)
            #expect([65, 69].contains(altered.exitCode), "\(altered.everything)")
            // It dies while the runtimes fetch.
            fixture.untell("held-keep")
            try registry.putBack(first.layers[0])
            try fixture.tell("hold-keep")
            let last = try bundle("2")
            async let dying = fixture.deploy(last, plain, "--timeout", "3")
            try await fixture.wait { fixture.exists("state/held-keep") }
            registry.stop()
            fixture.untell("hold-keep")
            #expect(try await dying.exitCode == 69)
            let down = try await fixture.deploy(bundle("2"), plain, "--timeout", "3")
            #expect(down.exitCode == 69, "\(down.everything)")
            #expect(try await fixture.target.dump() == before)
        }
    }
}

/// Contains.
private func ~= (text: String, part: String) -> Bool { text.contains(part) }
