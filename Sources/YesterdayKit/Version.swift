/// The version of the controller.
public enum YesterdayVersion {
    /// The same as `default_version` of the extension that it is released with.
    public static let current = "0.1.0"
}
