import Foundation
import OCIRegistry

/// Switches a container of a Deployment through kubectl.
///
/// Nodes pull by themselves, so nothing can be kept there: a registry that loses an image takes it
/// from the rollback, too.
struct KubernetesDriver: RuntimeDriver {
    static let settings: Set<String> = ["deployment", "container", "namespace", "context", "kubectl", "kubectl_flags"]
    /// Where the number of replicas is kept while there are none.
    private static let annotation = "yesterday/replicas"

    let health: HealthCheck
    let drainsBeforeRollback: Bool
    private let deployment: String
    private let container: String
    private let kubectl: Tool

    var label: String { "deployment/\(deployment), container \(container)" }

    init(_ settings: RuntimeSettings, artifact: String) throws {
        deployment = try settings.required("deployment")
        container = try settings.text("container") ?? artifact
        for name in [deployment, container] where name.hasPrefix("-") || name.contains("/") || name.contains("=") {
            throw settings.refusal("names \"\(name)\", which is no name of Kubernetes", "Lower-case letters, digits, hyphens.")
        }
        health = try settings.health()
        drainsBeforeRollback = try settings.truth("drain") ?? false
        var leading = try settings.list("kubectl_flags") ?? []
        if let context = try settings.text("context") { leading += ["--context", context] }
        if let namespace = try settings.text("namespace") { leading += ["--namespace", namespace] }
        kubectl = Tool(try settings.text("kubectl") ?? "kubectl", leading: leading)
    }

    /// A Deployment, as `kubectl get -o json` tells it.
    private struct Deployment: Decodable {
        struct Metadata: Decodable {
            let generation: Int?
            let annotations: [String: String]?
        }
        struct Container: Decodable {
            let name: String
            let image: String
        }
        struct PodSpec: Decodable {
            let containers: [Container]
        }
        struct Template: Decodable {
            let spec: PodSpec
        }
        struct Spec: Decodable {
            let replicas: Int?
            let template: Template
        }
        struct Condition: Decodable {
            let type: String
            let status: String
            let reason: String?
            let message: String?
        }
        struct Status: Decodable {
            let observedGeneration: Int?
            let replicas: Int?
            let updatedReplicas: Int?
            let availableReplicas: Int?
            let conditions: [Condition]?
        }
        let metadata: Metadata
        let spec: Spec
        let status: Status?
    }

    private func look() async throws -> (deployment: Deployment, image: String) {
        let json = try await run(["get", "deployment/\(deployment)", "-o", "json"])
        let found: Deployment
        do {
            found = try JSONDecoder().decode(Deployment.self, from: Data(json.utf8))
        } catch {
            throw YesterdayError(.failed, "\(label): what kubectl prints cannot be read", detail: "\(error)", cause: error)
        }
        guard let image = found.spec.template.spec.containers.first(where: { $0.name == container })?.image else {
            throw YesterdayError(
                .configuration, "deployment/\(deployment) has no container \(container)",
                detail: "It has: \(found.spec.template.spec.containers.map(\.name).joined(separator: ", ")).",
                hint: "An admin names it: the setting \"container\" of the runtime.")
        }
        return (found, image)
    }

    func current() async throws -> RuntimeState {
        let (found, image) = try await look()
        guard (found.spec.replicas ?? 1) > 0 else {
            return RuntimeState(isRunning: false, description: "nothing (\(image), scaled to 0)")
        }
        guard let reference = try? RegistryReference(image), let digest = reference.digest else {
            return RuntimeState(isRunning: true, description: "\(image), which has no digest")
        }
        return RuntimeState(digest: digest, reference: reference.description, isRunning: true, description: image)
    }

    func keep(_ artifact: Artifact) async throws -> String? { nil }

    func start(_ artifact: Artifact) async throws {
        let (found, image) = try await look()
        let reference = try artifact.image()
        let wanted = "\(reference.registry)/\(reference.repository)@\(artifact.digest)"
        if image != wanted { try await run(["set", "image", "deployment/\(deployment)", "\(container)=\(wanted)"]) }
        if (found.spec.replicas ?? 1) == 0 {
            let replicas = found.metadata.annotations?[Self.annotation].flatMap { Int($0) } ?? 1
            try await run(["scale", "deployment/\(deployment)", "--replicas=\(max(replicas, 1))"])
        }
    }

    func stop() async throws {
        let (found, _) = try await look()
        let replicas = found.spec.replicas ?? 1
        guard replicas > 0 else { return }
        try await run(["annotate", "deployment/\(deployment)", "--overwrite", "\(Self.annotation)=\(replicas)"])
        try await run(["scale", "deployment/\(deployment)", "--replicas=0"])
    }

    /// What `kubectl rollout status` looks at, asked so that the deadline is ours.
    func probe(_ artifact: Artifact) async throws -> HealthCheck.Answer {
        let (found, image) = try await look()
        guard image.contains(artifact.digest.hex) else { return .notYet("its image is \(image)") }
        guard let status = found.status, (status.observedGeneration ?? 0) >= (found.metadata.generation ?? 0) else {
            return .notYet("the change was not seen by Kubernetes yet")
        }
        if let stuck = status.conditions?.first(where: { $0.type == "Progressing" && $0.reason == "ProgressDeadlineExceeded" }) {
            throw YesterdayError(
                .failed, "\(label) does not come up", detail: stuck.message, hint: "kubectl describe deployment/\(deployment)")
        }
        let wanted = found.spec.replicas ?? 1
        let updated = status.updatedReplicas ?? 0
        guard updated >= wanted else { return .notYet("\(updated) of \(wanted) pods have the new image") }
        guard (status.replicas ?? 0) <= updated else { return .notYet("pods with the image of before are still there") }
        let available = status.availableReplicas ?? 0
        return available >= updated ? .healthy : .notYet("\(available) of \(updated) pods are available")
    }

    func retire(except needed: [Artifact]) async throws {}

    @discardableResult
    private func run(_ arguments: [String]) async throws -> String {
        let output = try await kubectl.output(arguments)
        guard output.exitCode == 0 else {
            throw YesterdayError(
                .failed, "\(label): kubectl could not \(arguments.prefix(2).joined(separator: " "))",
                detail: output.standardError.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n"),
                hint: "Mend it, then: yesterday reconcile")
        }
        return output.standardOutput
    }
}
