BEGIN TRANSACTION;
CREATE TABLE entries (
    uid TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    wake_at TEXT,
    document BLOB NOT NULL,
    PRIMARY KEY (uid, entry_id)
) WITHOUT ROWID;
INSERT INTO "entries" VALUES('me','exam','2026-03-01T12:00:00.000000+00:00',0,NULL,CAST('{"uid":"me","entry_id":"exam","source":"text","status":"ready","created_at":"2026-11-30T02:58:38.924214Z","recorded_at":"2026-03-01T12:00:00Z","updated_at":"2026-11-30T02:58:39.732601Z","language":"en","stages":{"transcription":{"state":"skipped"},"emotion":{"state":"done","attempt":1,"started_at":"2026-11-30T02:58:38.960617Z","finished_at":"2026-11-30T02:58:39.513196Z","engine":"text-encoder","model_version":"2.0.0"},"summarization":{"state":"done","attempt":1,"started_at":"2026-11-30T02:58:39.579845Z","finished_at":"2026-11-30T02:58:39.619514Z","engine":"extractive-summarizer","model_version":"2.0.0"}},"emotions":[{"emotion":"fear","confidence":0.9844},{"emotion":"joy","confidence":0.9512},{"emotion":"neutral","confidence":0.5571}],"topics":[{"label":"school","confidence":0.3765}],"sentiment":0.0752,"summary":{"text":"I was afraid of the exam. Then I passed it, and I am so happy! My friends brought cake.","engine":"extractive-summarizer","title":"Friends brought cake","quotes":[{"text":"I was afraid of the exam.","segment":0,"emotions":[{"emotion":"fear","confidence":0.9844}]},{"text":"Then I passed it, and I am so happy!","segment":1,"emotions":[{"emotion":"joy","confidence":0.9512}]},{"text":"My friends brought cake.","segment":2,"emotions":[{"emotion":"neutral","confidence":0.5571},{"emotion":"joy","confidence":0.3948}]}]},"embedding_model":"text-encoder 2.0.0","feedback":[{"emotion":"joy","verdict":"correct","correction":"relief","revision":1,"given_at":"2026-11-30T02:58:39.710684Z"},{"emotion":"fear","verdict":"agree","revision":1,"given_at":"2026-11-30T02:58:39.723939Z"},{"emotion":"fear","verdict":"correct","correction":"nervousness","segment":0,"revision":1,"given_at":"2026-11-30T02:58:39.732601Z"}]}' AS BLOB));
CREATE TABLE labels (
    uid TEXT NOT NULL,
    label TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (uid, label, recorded_at, entry_id)
) WITHOUT ROWID;
INSERT INTO "labels" VALUES('me','emotion:fear','2026-03-01T12:00:00.000000+00:00','exam');
INSERT INTO "labels" VALUES('me','emotion:joy','2026-03-01T12:00:00.000000+00:00','exam');
INSERT INTO "labels" VALUES('me','emotion:neutral','2026-03-01T12:00:00.000000+00:00','exam');
INSERT INTO "labels" VALUES('me','topic:school','2026-03-01T12:00:00.000000+00:00','exam');
CREATE TABLE pieces (
    uid TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (uid, entry_id, revision, kind, position)
) WITHOUT ROWID;
INSERT INTO "pieces" VALUES('me','exam',1,'Arc',0,CAST('{"points":[{"segment":0,"emotions":[{"emotion":"fear","confidence":0.9844}],"sentiment":-0.8866},{"segment":1,"emotions":[{"emotion":"joy","confidence":0.9512}],"sentiment":0.9149},{"segment":2,"emotions":[{"emotion":"neutral","confidence":0.5571},{"emotion":"joy","confidence":0.3948}],"sentiment":0.5342}]}' AS BLOB));
INSERT INTO "pieces" VALUES('me','exam',1,'Transcript',0,CAST('{"text":"I was afraid of the exam. Then I passed it, and I am so happy! My friends brought cake.","segments":[{"text":"I was afraid of the exam."},{"text":"Then I passed it, and I am so happy!"},{"text":"My friends brought cake."}]}' AS BLOB));
CREATE TABLE records (
    collection TEXT NOT NULL,
    scope TEXT NOT NULL,
    record_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    wake_at TEXT,
    expires_at TEXT,
    document BLOB NOT NULL,
    PRIMARY KEY (collection, scope, record_id)
) WITHOUT ROWID;
CREATE INDEX entries_by_time ON entries (uid, deleted, recorded_at DESC, entry_id DESC);
CREATE INDEX labels_of_entries ON labels (uid, entry_id);
CREATE INDEX entries_to_wake ON entries (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX records_by_owner ON records (owner, collection);
CREATE INDEX records_to_wake ON records (collection, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX records_to_expire ON records (expires_at) WHERE expires_at IS NOT NULL;
COMMIT;
PRAGMA user_version = 1;
