import Foundation
import Har

/// The phone's motion, as the label that the view shows.
@MainActor
final class Recognizer: ObservableObject {
    @Published private(set) var activity = "wear the phone at the waist"
    @Published private(set) var detail = ""
    private var feed: HarMotionFeed?

    func start() {
        do {
            if feed == nil {
                feed = try makeFeed()
            }
            try feed?.start()
        } catch is HarMotionFeed.NoSensor {
            activity = "this device has no motion sensors"
        } catch {
            activity = "\(error)"
        }
    }

    func stop() {
        feed?.stop()
    }

    private func makeFeed() throws -> HarMotionFeed {
        guard let path = Bundle.module.path(forResource: "hapt_gru_int8", ofType: "har", inDirectory: "Models") else {
            throw CocoaError(.fileNoSuchFile)
        }
        return try HarMotionFeed(model: HarModel(path: path)) { [weak self] event in
            Task { @MainActor in self?.show(event) }
        }
    }

    private func show(_ event: HarEvent) {
        activity = event.name
        detail = "\(Int(event.confidence * 100)) % \(event.reasons.joined(separator: ", "))"
    }
}
