import SwiftUI

/// Shows what the person who carries this phone is doing, while the app is on the screen.
struct ActivityView: View {
    @StateObject private var recognizer = Recognizer()
    @Environment(\.scenePhase) private var phase

    var body: some View {
        VStack(spacing: 12) {
            Text(recognizer.activity).font(.largeTitle)
            Text(recognizer.detail).foregroundColor(.secondary)
        }
        .onChange(of: phase) { phase in
            if phase == .active {
                recognizer.start()
            } else {
                recognizer.stop()
            }
        }
    }
}
