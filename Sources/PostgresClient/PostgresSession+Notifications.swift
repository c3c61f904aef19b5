import CLibPQ

/// What a NOTIFY sends.
public struct Notification: Sendable, Equatable {
    /// The channel it was sent to.
    public let channel: String
    /// The payload, empty if none was given.
    public let payload: String
    /// Process id of the server process that sent it.
    public let senderPID: Int
}

extension PostgresSession {
    /// Descriptor of the socket.
    var socket: Int32 { PQsocket(connection) }

    /// Reads what the socket has, without waiting.
    func consumeInput() throws {
        guard PQconsumeInput(connection) == 1, isOpen else { throw lostError() }
    }

    /// Takes the notifications that have come in.
    func takeNotifications() -> [Notification] {
        var taken: [Notification] = []
        while let notify = PQnotifies(connection) {
            taken.append(
                Notification(
                    channel: String(cString: notify.pointee.relname),
                    payload: String(cString: notify.pointee.extra),
                    senderPID: Int(notify.pointee.be_pid)))
            PQfreemem(notify)
        }
        return taken
    }
}
