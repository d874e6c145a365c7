import Foundation

/// A credential. It does not print.
public struct Secret: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) {
        self.value = value
    }

    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The credential itself.
    public func expose() -> String {
        value
    }

    public var description: String {
        "Secret(…)"
    }

    public var customMirror: Mirror {
        Mirror(self, children: [:])
    }
}
