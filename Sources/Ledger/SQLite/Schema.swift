import GRDB

/// What the tables look like. Each text below is frozen once it was shipped: a change is a new text
/// at the end, so that a file of any age becomes today's by running what it lacks, in order.
enum Schema {
  /// "Crwb": tells our file from any other SQLite file.
  static let applicationID: Int64 = 0x4372_7762
  static var version: Int64 { Int64(migrations.count) }
  static let migrations = [version1]

  /// Runs what is missing, each step in one transaction together with its number, so that a crash
  /// leaves the old schema or the new one.
  static func migrate(_ db: Database, _ points: CrashPoints = CrashPoints()) throws {
    let found = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    for number in found..<max(version, found) {
      try db.transaction {
        let statements = try db.allStatements(sql: migrations[Int(number)])
        while let statement = try statements.next() {
          points.pass(.midMigration)
          try statement.execute()
        }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(number + 1)")
      }
    }
  }

  private static let version1 = """
    -- One row: who this ledger is, which run it serves, when that run was last known to live.
    CREATE TABLE meta(
      one INTEGER PRIMARY KEY CHECK(one = 1),
      instance TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      alive_ms INTEGER
    ) STRICT;

    CREATE TABLE account(id TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE inbox(
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      account TEXT NOT NULL,
      ekey TEXT NOT NULL,
      received_ms INTEGER NOT NULL,
      state TEXT NOT NULL CHECK(state IN ('new', 'done', 'refused', 'quarantined')),
      outcome TEXT,
      crashes INTEGER NOT NULL DEFAULT 0,
      suspect INTEGER NOT NULL DEFAULT 0,
      body TEXT,
      UNIQUE(account, ekey)
    ) STRICT;
    CREATE INDEX inbox_new ON inbox(number) WHERE state = 'new';
    CREATE INDEX inbox_quarantined ON inbox(number) WHERE state = 'quarantined';
    CREATE INDEX inbox_body ON inbox(received_ms) WHERE body IS NOT NULL;

    -- The truth. Rows are only ever added.
    CREATE TABLE event(
      number INTEGER PRIMARY KEY,
      cause TEXT NOT NULL,
      ord INTEGER NOT NULL,
      team TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      type TEXT NOT NULL,
      body TEXT NOT NULL,
      prev_hash BLOB NOT NULL,
      hash BLOB NOT NULL,
      UNIQUE(cause, ord)
    ) STRICT;

    CREATE TABLE slot(key TEXT PRIMARY KEY, decided_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX slot_decided ON slot(decided_ms);

    -- active: still to be sent. head: the one active post of its target that may be claimed.
    -- owed: given up or doubtful, and no later post has told of it; told_by: the one that would.
    CREATE TABLE outbox(
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      dkey TEXT NOT NULL UNIQUE,
      account TEXT NOT NULL,
      target TEXT NOT NULL,
      kind TEXT NOT NULL,
      body TEXT NOT NULL,
      created_ms INTEGER NOT NULL,
      state TEXT NOT NULL
        CHECK(state IN ('queued', 'sending', 'unknown', 'sent', 'dead', 'doubtful')),
      active INTEGER NOT NULL,
      head INTEGER NOT NULL,
      owed INTEGER NOT NULL DEFAULT 0,
      not_before_ms INTEGER NOT NULL,
      attempt INTEGER NOT NULL DEFAULT 0,
      claim_epoch INTEGER,
      claimed_ms INTEGER,
      first_sent_ms INTEGER,
      progress TEXT,
      remote_id TEXT,
      reason TEXT,
      settled_ms INTEGER,
      told_by INTEGER,
      disclosed_in INTEGER
    ) STRICT;
    CREATE INDEX outbox_lane ON outbox(target, state, id) WHERE active = 1;
    CREATE INDEX outbox_state ON outbox(state) WHERE active = 1;
    CREATE INDEX outbox_head ON outbox(account, not_before_ms) WHERE head = 1;
    CREATE INDEX outbox_owed ON outbox(target, id) WHERE owed = 1;
    CREATE INDEX outbox_settled ON outbox(settled_ms) WHERE settled_ms IS NOT NULL;

    -- Keys of posts that are no longer kept: a key is taken for ever.
    CREATE TABLE spent(dkey TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

    CREATE TABLE snapshot(
      one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT;
    """
}
