import Ledger

/// Why the daemon ended, for whoever started it (sysexits.h).
public enum Failures {
  /// 78 where starting again cannot help before somebody has put it right, 1 where it may.
  public static func exitCode(for failure: any Error) -> Int32 {
    switch failure {
    case let fault as LedgerFault:
      switch fault {
      case .newer, .corrupt, .missing, .held: Config.exitCode
      case .overtaken, .disk, .unsynced: 1
      }
    case is Shortage: Config.exitCode
    default: 1
    }
  }
}
