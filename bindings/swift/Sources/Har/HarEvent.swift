import CHar

/// One label; the fields of `har_event` in `har/stream.h`.
public struct HarEvent: Sendable {
    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        public static let unknown = Flags(rawValue: 1 << 0)
        public static let afterGap = Flags(rawValue: 1 << 1)
        public static let enter = Flags(rawValue: 1 << 2)
        public static let exit = Flags(rawValue: 1 << 3)
        public static let repeated = Flags(rawValue: 1 << 4)
        public static let contract = Flags(rawValue: 1 << 5)
    }

    /// What is decided; nil: unknown.
    public let classIndex: Int?
    /// The class's name; "unknown" where there is none.
    public let name: String
    /// The score of the class; of unknown: the largest.
    public let confidence: Float
    /// A probability for each class, after smoothing.
    public let scores: [Float]
    /// Time of the window's first sample.
    public let startNs: Int64
    /// Time of the window's last sample.
    public let endNs: Int64
    public let firstSample: UInt64
    public let flags: Flags
    /// With `.exit`: the class that was left.
    public let leftIndex: Int?
    /// The class of the largest of this window's own probabilities.
    public let rawIndex: Int?
    /// Start of the first window of what is decided.
    public let sinceNs: Int64
    /// Names of what in the samples is not as the model expects: "unit", "gravity_direction" and so on.
    public let reasons: [String]

    init(_ event: har_event) {
        func index(_ number: Int32) -> Int? { number < 0 ? nil : Int(number) }
        classIndex = index(event.class_index)
        name = String(cString: event.name)
        confidence = event.confidence
        scores = Array(UnsafeBufferPointer(start: event.scores, count: Int(event.score_count)))
        startNs = event.t_start_ns
        endNs = event.t_end_ns
        firstSample = event.first_sample
        flags = Flags(rawValue: event.flags)
        leftIndex = index(event.left_index)
        rawIndex = index(event.raw_index)
        sinceNs = event.since_ns
        let bits = event.reasons
        reasons = (0..<UInt32(32)).compactMap { place in
            bits >> place & 1 == 1 ? har_reason_name(1 << place).map { String(cString: $0) } : nil
        }
    }
}
