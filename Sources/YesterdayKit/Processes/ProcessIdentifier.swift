#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The id of this process.
enum ProcessIdentifier {
    static var own: Int32 { getpid() }
}
