import Foundation
import TestSupport
import Testing
import YesterdayKit

/// Against a program that answers as a recorded kubectl did: there is no cluster here.
@Suite("Releases: kubernetes, with a recorded kubectl", .timeLimit(.minutes(20)))
struct KubernetesTests {
    /// Keeps one Deployment in files: image, replicas, annotation. `stuck` makes it never come up.
    private static let kubectl = """
        #!/bin/bash
        cd "${0%/*}/state" || exit 1
        echo "$*" >> kubectl-log
        [ "$1" = --namespace ] && { [ "$2" = shop ] || { echo "Error from server (NotFound): namespaces \\"$2\\" not found" >&2; exit 1; }; shift 2; }
        case "$1 $2" in
        "get deployment/api")
            image=$(cat k8s-image); replicas=$(cat k8s-replicas); available=$replicas; reason=NewReplicaSetAvailable; status=True
            if grep -q "$(echo "$image" | sed 's/.*sha256/sha256/')" stuck 2>/dev/null; then available=0; reason=ProgressDeadlineExceeded; status=False; fi
            note=; [ -e k8s-note ] && note="\\"yesterday/replicas\\": \\"$(cat k8s-note)\\""
            cat <<JSON
        {"apiVersion": "apps/v1", "kind": "Deployment",
         "metadata": {"name": "api", "namespace": "shop", "generation": 5, "annotations": {$note}},
         "spec": {"replicas": $replicas, "template": {"spec": {"containers": [{"name": "sidecar", "image": "proxy:1"}, {"name": "api", "image": "$image"}]}}},
         "status": {"observedGeneration": 5, "replicas": $replicas, "updatedReplicas": $replicas, "readyReplicas": $available, "availableReplicas": $available,
          "conditions": [{"type": "Progressing", "status": "$status", "reason": "$reason", "message": "ReplicaSet \\"api-5d\\" has timed out progressing."}]}}
        JSON
            ;;
        "set image") echo "${4#api=}" > k8s-image; echo "deployment.apps/api image updated" ;;
        "scale deployment/api") echo "${3#--replicas=}" > k8s-replicas; echo "deployment.apps/api scaled" ;;
        "annotate deployment/api") echo "${4#*=}" > k8s-note; echo "deployment.apps/api annotated" ;;
        *) echo "error: unknown command \\"$1\\" for \\"kubectl\\"" >&2; exit 1 ;;
        esac
        """

    @Test(.enabled(if: TestRegistry.isAvailable, "docker-registry and its company are not installed: make setup"))
    func forwardAndBack() async throws {
        let registry = try await TestRegistry()
        let plain = "--insecure-http=\(registry.name)"
        var digests: [String: String] = [:]
        for version in ["0", "1", "2"] {
            digests[version] = try await registry.push("shop/api:\(version)", layers: ["layer \(version)"]).manifest.description
        }
        let known = digests
        try await ReleaseFixture.with { fixture in
            try fixture.write("kubectl", Self.kubectl)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(fixture.folder)/kubectl")
            try await fixture.set(
                "api", "kubernetes", "deployment=api", "namespace=shop", "kubectl=\(fixture.folder)/kubectl", "stable=0",
                "health_timeout=3", "drain=true")
            let image = "\(registry.name)/shop/api"
            try fixture.tell("k8s-image", "\(image):0\n")
            try fixture.tell("k8s-replicas", "3\n")
            func runs() throws -> String { try String(contentsOfFile: "\(fixture.folder)/state/k8s-image", encoding: .utf8) }
            func bundle(_ tag: String) throws -> String { try fixture.bundle(tag, artifacts: "  - {name: api, oci: \"\(image):\(tag)\"}") }

            // A tag is nothing to go back to.
            let unknown = try await fixture.deploy(bundle("1"), plain)
            #expect(unknown.exitCode == 5, "\(unknown.everything)")
            #expect(unknown.standardError.contains("has no digest"), "\(unknown.everything)")
            try fixture.tell("k8s-image", "\(image)@\(known["0"] ?? "")\n")
            let first = try await fixture.deploy(bundle("1"), plain)
            #expect(first.exitCode == 0, "\(first.everything)")
            #expect(try runs() == "\(image)@\(known["1"] ?? "")\n")

            // What does not come up makes room.
            try fixture.tell("stuck", known["2"] ?? "")
            let stuck = try await fixture.deploy(bundle("2"), plain)
            #expect(stuck.exitCode == 7, "\(stuck.everything)")
            #expect(stuck.standardOutput.contains("timed out progressing"), "\(stuck.everything)")
            #expect(try runs() == "\(image)@\(known["1"] ?? "")\n")
            fixture.untell("stuck")
            let done = try await fixture.yesterday(["reconcile"])
            #expect(done.exitCode == 0, "\(done.everything)")
            #expect(try runs() == "\(image)@\(known["2"] ?? "")\n")

            // Drained by scaling to 0, and as many again after it.
            #expect(try await fixture.yesterday(["rollback", "--yes"]).exitCode == 0)
            #expect(try runs() == "\(image)@\(known["1"] ?? "")\n")
            #expect(try String(contentsOfFile: "\(fixture.folder)/state/k8s-replicas", encoding: .utf8) == "3\n")
            let log = try String(contentsOfFile: "\(fixture.folder)/state/kubectl-log", encoding: .utf8)
            #expect(log.contains("scale deployment/api --replicas=0") && log.contains("scale deployment/api --replicas=3"), "\(log)")
            #expect(try await fixture.yesterday(["rollback", "1", "--yes"]).exitCode == 0)
            #expect(try runs() == "\(image)@\(known["0"] ?? "")\n")
        }
    }

    @Test func whatIsSetWrong() async throws {
        try await ReleaseFixture.with { fixture in
            for (words, said) in [
                (["api", "kubernetes"], "needs \"deployment\""),
                (["api", "kubernetes", "deployment=-x"], "no name of Kubernetes"),
                (["api", "podman", "container=a b"], "container name that is none"),
                (["api", "podman", "container=a", "flags=--net"], "is no list"),
                (["api", "podman", "container=a", "colour=red"], "has no setting \"colour\""),
                (["api", "podman", "container=a", "stop_timeout=soon"], "out of range"),
                (["web", "symlink", "root=relative"], "absolute path"),
                (["web", "symlink", "root=/a/../b"], "absolute path"),
                (["web", "symlink", "root=/srv/x", "link=../y"], "plain name"),
                (["api", "command"], "needs \"program\""),
                (["api", "docker"], "is not known here"),
            ] {
                let output = try await fixture.yesterday(["runtime", "set"] + words)
                #expect(output.exitCode == 78, "\(words): \(output.everything)")
                #expect((output.standardError).contains(said), "\(words): \(output.everything)")
            }
            #expect(try await fixture.yesterday(["runtime", "set", "api", "command", "program"]).exitCode == 64)
            #expect(try await fixture.yesterday(["runtime", "set", "api", "command", "program=a", "program=b"]).exitCode == 64)
            // A program that this machine does not have, or that would be anywhere.
            try await fixture.set("api", "command", "program=missing")
            let missing = try await fixture.deploy(fixture.release("1"))
            #expect(missing.exitCode == 78, "\(missing.everything)")
            #expect(missing.standardError.contains("YESTERDAY_PROGRAMS"), "\(missing.everything)")
            try await fixture.sql("SELECT yesterday.set_runtime('api', 'command', '{\"program\": \"../../bin/sh\"}')")
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 78)
            let unset = try await fixture.yesterday(["runtime", "unset", "api", "--format", "json"])
            #expect(unset.exitCode == 0, "\(unset.everything)")
            let none = try await fixture.deploy(fixture.release("1"))
            #expect(none.exitCode == 78, "\(none.everything)")
            #expect(none.standardError.contains("no runtime is set for the artifact api"), "\(none.everything)")
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "0")
        }
    }
}
