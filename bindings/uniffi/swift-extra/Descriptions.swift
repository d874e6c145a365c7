import Foundation

extension ErrorDetails {
    /// The error for people: operation, message, what the service said, what to do about it.
    func describe() -> String {
        var text = operation.isEmpty ? message : "\(operation): \(message)"
        let said = [httpStatus.map { "HTTP \($0)" }, serviceCode.map { "code \($0)" }].compactMap { $0 }
        if !said.isEmpty {
            text += " [\(said.joined(separator: ", "))]"
        }
        if let serviceMessage {
            text += " The service says: \(serviceMessage)"
        }
        return hint.isEmpty ? text : "\(text) Hint: \(hint)"
    }
}

/// The names of the fields that are set.
func describeFields(_ name: String, _ fields: [(String, Any?)]) -> String {
    let isSet: (Any?) -> Bool = { value in
        switch value {
        case nil: return false
        case let list as [Any]: return !list.isEmpty
        case let map as [AnyHashable: Any]: return !map.isEmpty
        case let flag as Bool: return flag
        default: return true
        }
    }
    return "\(name)(\(fields.filter { isSet($0.1) }.map { $0.0 }.joined(separator: ", ")))"
}
