-- A ledger as the first schema was written, never made anew: see DamageTests.
BEGIN TRANSACTION;
CREATE TABLE account(id TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('matrix','++++');
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
INSERT INTO "event" VALUES(1,'u:1',0,'kitchen',1000001000,'members','{"members":{"_0":{"renamed":{"_0":1,"_1":"day 1"}}}}',X'0000000000000000000000000000000000000000000000000000000000000000',X'859EC2816B2AE95F9069E0C3A151C71772C31218D159976FF7DF76496C3924C4');
INSERT INTO "event" VALUES(2,'u:2',0,'kitchen',1000001000,'members','{"members":{"_0":{"renamed":{"_0":1,"_1":"day 2"}}}}',X'859EC2816B2AE95F9069E0C3A151C71772C31218D159976FF7DF76496C3924C4',X'586547AD28BD733728BB19B3CC45353B55249028C5815DCC9C300C2DBEB14D09');
INSERT INTO "event" VALUES(3,'u:3',0,'kitchen',1000001000,'members','{"members":{"_0":{"renamed":{"_0":1,"_1":"day 3"}}}}',X'586547AD28BD733728BB19B3CC45353B55249028C5815DCC9C300C2DBEB14D09',X'F06DB39B2A3FD066DC30C86A336F7DF7201F666FE5CE61D2C0890D0595CD51A1');
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
INSERT INTO "inbox" VALUES(1,'matrix','day 1',1000001000,'done',NULL,0,0,'{"body":[{"text":{"_0":"/done 1"}}],"id":"day 1","isDirect":false,"kind":{"text":{}},"mentionsBot":false,"room":{"account":"matrix","id":"!lobby"},"sender":{"account":"matrix","user":"@ana"},"senderKind":"person","senderName":"","sentAt":1000000000}');
INSERT INTO "inbox" VALUES(2,'matrix','day 2',1000002000,'done',NULL,0,0,'{"body":[{"text":{"_0":"/done 1"}}],"id":"day 2","isDirect":false,"kind":{"text":{}},"mentionsBot":false,"room":{"account":"matrix","id":"!lobby"},"sender":{"account":"matrix","user":"@ana"},"senderKind":"person","senderName":"","sentAt":1000000000}');
INSERT INTO "inbox" VALUES(3,'matrix','day 3',1000003000,'done',NULL,0,0,'{"body":[{"text":{"_0":"/done 1"}}],"id":"day 3","isDirect":false,"kind":{"text":{}},"mentionsBot":false,"room":{"account":"matrix","id":"!lobby"},"sender":{"account":"matrix","user":"@ana"},"senderKind":"person","senderName":"","sentAt":1000000000}');
INSERT INTO "inbox" VALUES(4,'matrix','waits',1000000000,'new',NULL,0,0,'{"body":[{"text":{"_0":"/done 1"}}],"id":"waits","isDirect":false,"kind":{"text":{}},"mentionsBot":false,"room":{"account":"matrix","id":"!lobby"},"sender":{"account":"matrix","user":"@ana"},"senderKind":"person","senderName":"","sentAt":1000000000}');
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  instance TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  alive_ms INTEGER
) STRICT;
INSERT INTO "meta" VALUES(1,'test',1,1000000000);
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
INSERT INTO "outbox" VALUES(1,'day 1','matrix','{"room":{"_0":{"account":"matrix","id":"!lobby"}}}','reply','{"isSilent":false,"kind":{"message":{}},"text":{"nodes":[{"text":{"_0":"day 1"}}]}}',1000001000,'sending',1,1,0,0,1,1,1000001000,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(2,'day 2','matrix','{"room":{"_0":{"account":"matrix","id":"!lobby"}}}','reply','{"isSilent":false,"kind":{"message":{}},"text":{"nodes":[{"text":{"_0":"day 2"}}]}}',1000002000,'queued',1,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(3,'day 3','matrix','{"room":{"_0":{"account":"matrix","id":"!lobby"}}}','reply','{"isSilent":false,"kind":{"message":{}},"text":{"nodes":[{"text":{"_0":"day 3"}}]}}',1000003000,'queued',1,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE slot(key TEXT PRIMARY KEY, decided_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot(
  one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
INSERT INTO "snapshot" VALUES(1,2,X'5B5D');
CREATE TABLE spent(dkey TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_new ON inbox(number) WHERE state = 'new';
CREATE INDEX inbox_quarantined ON inbox(number) WHERE state = 'quarantined';
CREATE INDEX inbox_body ON inbox(received_ms) WHERE body IS NOT NULL;
CREATE INDEX slot_decided ON slot(decided_ms);
CREATE INDEX outbox_lane ON outbox(target, state, id) WHERE active = 1;
CREATE INDEX outbox_state ON outbox(state) WHERE active = 1;
CREATE INDEX outbox_head ON outbox(account, not_before_ms) WHERE head = 1;
CREATE INDEX outbox_owed ON outbox(target, id) WHERE owed = 1;
CREATE INDEX outbox_settled ON outbox(settled_ms) WHERE settled_ms IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('inbox',4);
INSERT INTO "sqlite_sequence" VALUES('outbox',3);
COMMIT;
PRAGMA application_id = 1131575138;
PRAGMA user_version = 1;
