/// The version of this program (semver.org).
public enum ChantalVersion {
    public static let text = "0.1.0"
}
