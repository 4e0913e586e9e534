import CHar

/// What went wrong: the status of `har/status.h`, and the field and the sentence that came with it.
public struct HarError: Error, CustomStringConvertible, Sendable {
    /// The number, for example -61.
    public let status: Int32
    /// Its name, for example "HAR_ERR_TIME_BACKWARDS".
    public let name: String
    /// The field that is meant, "" where there is none.
    public let field: String
    /// A sentence with field, value and bound.
    public let description: String

    init(status: Int32, record: har_error) {
        let told = record.status == status
        let text = told ? string(of: record.text) : ""
        self.status = status
        name = String(cString: har_status_name(status))
        field = told ? string(of: record.field) : ""
        description = text.isEmpty ? String(cString: har_status_text(status)) : text
    }
}

/// A text that lies in an array of C, which Swift takes as a tuple.
private func string<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// The size that structs of the C library carry.
func size<Struct>(of type: Struct.Type) -> UInt32 {
    UInt32(MemoryLayout<Struct>.size)
}

/// Calls the C library with an error record; throws for a negative status, returns any other.
@discardableResult
func call(_ function: (UnsafeMutablePointer<har_error>) -> Int32) throws -> Int32 {
    var record = har_error()
    har_error_init(&record, size(of: har_error.self))
    let status = withUnsafeMutablePointer(to: &record) { function($0) }
    if status < 0 {
        throw HarError(status: status, record: record)
    }
    return status
}
