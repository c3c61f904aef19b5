import PostgresClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A moment as the server gives it.
public struct Timestamp: Sendable, Equatable, PostgresDecodable {
    /// Seconds since 1970 in UTC.
    public let seconds: Int64
    /// Millionths of a second on top.
    public let microseconds: Int

    /// Reads a `timestamptz` in `DateStyle ISO`, for example `2026-11-21 23:32:35.5+05:30`.
    public init?(postgresText text: String) {
        guard let space = text.firstIndex(of: " ") else { return nil }
        let date = text[..<space].split(separator: "-").compactMap { Int32($0) }
        let rest = text[text.index(after: space)...]
        guard date.count == 3, let sign = rest.firstIndex(where: { $0 == "+" || $0 == "-" })
        else { return nil }
        let clock = rest[..<sign].split(separator: ":")
        guard clock.count == 3, let hour = Int32(clock[0]), let minute = Int32(clock[1]) else {
            return nil
        }
        let second = clock[2].split(separator: ".")
        guard let whole = second.first.flatMap({ Int32($0) }) else { return nil }
        let zone = rest[rest.index(after: sign)...].split(separator: ":").compactMap { Int64($0) }
        guard let zoneHours = zone.first else { return nil }

        var parts = tm()
        parts.tm_year = date[0] - 1900
        parts.tm_mon = date[1] - 1
        parts.tm_mday = date[2]
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = whole
        let offset =
            zoneHours * 3600 + (zone.count > 1 ? zone[1] * 60 : 0) + (zone.count > 2 ? zone[2] : 0)
        seconds = Int64(timegm(&parts)) - (rest[sign] == "-" ? -offset : offset)
        if second.count > 1 {
            let digits = (second[1] + "000000").prefix(6)
            microseconds = Int(digits) ?? 0
        } else {
            microseconds = 0
        }
    }

    /// ISO 8601 in UTC: `2026-11-21T18:02:35.500000Z`.
    public var iso: String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let fraction = String(microseconds)
        return Self.day(parts) + "T" + Self.clock(parts) + "."
            + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
    }

    /// Reads what ``iso`` writes.
    public init?(iso text: String) {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].last == "Z" else { return nil }
        self.init(postgresText: "\(parts[0]) \(parts[1].dropLast())+00")
    }

    /// For people: the local time of whoever reads it, `2026-11-21 23:32:35 CET`.
    public var local: String {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        let zone = parts.tm_zone.map { String(cString: $0) } ?? ""
        return Self.day(parts) + " " + Self.clock(parts) + (zone.isEmpty ? "" : " " + zone)
    }

    private static func day(_ parts: tm) -> String {
        "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }

    private static func clock(_ parts: tm) -> String {
        "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
