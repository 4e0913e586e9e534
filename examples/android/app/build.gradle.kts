plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

val libhar = rootDir.resolve("../..")
val model = "hapt_gru_int8.har"

android {
    namespace = "org.libhar.example"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.libhar.example"
        minSdk = 21
        targetSdk = 35
        versionCode = 1
        versionName = "1.0"
    }
    buildTypes {
        release {
            isMinifyEnabled = true // the archive brings its own rules
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
            signingConfig = signingConfigs.getByName("debug")
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
    androidResources { noCompress += "har" }
    sourceSets.getByName("main").assets.srcDir(layout.buildDirectory.dir("models"))
}

val models = tasks.register<Copy>("models") {
    from(libhar.resolve("models/$model"))
    into(layout.buildDirectory.dir("models"))
}
tasks.named("preBuild") { dependsOn(models) }

dependencies {
    implementation(fileTree(libhar.resolve("build/aar")) {
        include("har-*.aar")
        exclude("*-linux.aar") // runs on no phone
    })
}
