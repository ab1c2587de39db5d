import Basics
import CommandLineKit

func pending(_ context: Context) throws -> ExitStatus { throw ChantalError(.bug, "not wired yet") }
