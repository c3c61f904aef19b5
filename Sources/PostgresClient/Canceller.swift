import CLibPQ
import Synchronization

/// Asks the server to stop what a connection is doing, from any thread.
final class Canceller: Sendable {
    /// Unchecked: libpq gives no type that Swift could check; the mutex below allows one caller at
    /// a time, and nothing else has the pointer.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private let handle: Mutex<Handle>

    /// Call while the connection is idle.
    init(_ connection: OpaquePointer) {
        handle = Mutex(Handle(pointer: yesterday_cancel_create(connection)))
    }

    deinit {
        handle.withLock { if let pointer = $0.pointer { yesterday_cancel_free(pointer) } }
    }

    /// Sends the request and waits until the server has taken it.
    func send() throws {
        try handle.withLock { handle in
            var reason = [CChar](repeating: 0, count: 256)
            let sent = handle.pointer.map {
                yesterday_cancel_send($0, &reason, Int32(reason.count))
            }
            guard sent == true else {
                let text = String(
                    decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                    as: UTF8.self)
                throw PostgresError(
                    .connectionFailed, "the server could not be asked to cancel",
                    detail: text.isEmpty ? nil : text)
            }
        }
    }
}
