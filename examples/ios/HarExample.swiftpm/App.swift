import SwiftUI

@main
struct HarExample: App {
    var body: some Scene {
        WindowGroup { ActivityView() }
    }
}
