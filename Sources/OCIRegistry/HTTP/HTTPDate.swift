import CCurl

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Dates of HTTP headers and of tokens.
enum HTTPDate {
    /// Reads a date of a header, in any of HTTP's formats (curl_getdate(3)).
    static func secondsSinceEpoch(_ text: String) -> Int64? {
        let seconds = curl_getdate(text, nil)
        return seconds == -1 ? nil : Int64(seconds)
    }

    static var now: Int64 { Int64(time(nil)) }
}
