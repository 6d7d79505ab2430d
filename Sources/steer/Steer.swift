import ArgumentParser
import Configuration
import Logging
import ServiceLifecycle
@main struct Steer: AsyncParsableCommand { }
