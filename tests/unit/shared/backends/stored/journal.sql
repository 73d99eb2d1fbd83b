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
INSERT INTO "entries" VALUES('ada','awaiting','2026-03-01T12:04:00.000000+00:00',0,'2026-03-02T12:04:00.000000+00:00',CAST('{"uid":"ada","entry_id":"awaiting","source":"voice","status":"awaiting_audio","created_at":"2026-03-01T12:04:00Z","recorded_at":"2026-03-01T12:04:00Z","updated_at":"2026-03-01T12:04:00Z","wake_at":"2026-03-02T12:04:00Z","keeping":{}}' AS BLOB));
INSERT INTO "entries" VALUES('ada','broken','2026-03-01T12:02:00.000000+00:00',0,'2026-03-08T12:02:00.000000+00:00',CAST('{"uid":"ada","entry_id":"broken","source":"voice","status":"failed","created_at":"2026-03-01T12:02:00Z","recorded_at":"2026-03-01T12:02:00Z","updated_at":"2026-03-01T12:02:00Z","audio":{"object":"audio/ada/broken","generation":1795995814688311424,"content_type":"audio/wav","size":12,"received_at":"2026-03-01T12:02:00Z","delete_after":"2026-03-08T12:02:00Z"},"stages":{"transcription":{"state":"failed","attempt":1,"started_at":"2026-03-01T12:02:00Z","finished_at":"2026-03-01T12:02:00Z","error":{"code":"undecodable_audio","message":"the recording cannot be decoded"}},"emotion":{"state":"skipped"},"summarization":{"state":"skipped"}},"wake_at":"2026-03-08T12:02:00Z","keeping":{}}' AS BLOB));
INSERT INTO "entries" VALUES('ada','edited','2026-03-01T12:06:00.000000+00:00',0,'2026-03-01T12:21:00.000000+00:00',CAST('{"uid":"ada","entry_id":"edited","source":"text","status":"processing","revision":2,"created_at":"2026-03-01T12:06:00Z","recorded_at":"2026-03-01T12:06:00Z","updated_at":"2026-03-01T12:06:00Z","stages":{"transcription":{"state":"skipped"}},"wake_at":"2026-03-01T12:21:00Z"}' AS BLOB));
INSERT INTO "entries" VALUES('ada','gone','2026-03-01T12:05:00.000000+00:00',1,NULL,CAST('{"uid":"ada","entry_id":"gone","source":"text","status":"processing","created_at":"2026-03-01T12:05:00Z","recorded_at":"2026-03-01T12:05:00Z","updated_at":"2026-03-01T12:05:00Z","expires_at":"2026-04-05T12:05:00Z","deleted_at":"2026-03-01T12:05:00Z"}' AS BLOB));
INSERT INTO "entries" VALUES('ada','long','2026-03-01T12:03:00.000000+00:00',0,'2026-03-01T12:18:00.000000+00:00',CAST('{"uid":"ada","entry_id":"long","source":"voice","status":"processing","created_at":"2026-03-01T12:03:00Z","recorded_at":"2026-03-01T12:03:00Z","updated_at":"2026-03-01T12:03:00Z","audio":{"object":"audio/ada/long","generation":1795995814724347867,"content_type":"audio/wav","size":6,"duration_s":120.0,"received_at":"2026-03-01T12:03:00Z","delete_after":"2026-03-08T12:03:00Z"},"stages":{"transcription":{"started_at":"2026-03-01T12:03:00Z","engine":"toy","model_version":"1"}},"chunks":[{"start":0.0,"end":60.0,"record":{"state":"done","attempt":1,"started_at":"2026-03-01T12:03:00Z","finished_at":"2026-03-01T12:03:00Z","engine":"toy","model_version":"1"}},{"start":60.0,"end":120.0}],"wake_at":"2026-03-01T12:18:00Z","keeping":{}}' AS BLOB));
INSERT INTO "entries" VALUES('ada','ready','2026-03-01T12:00:00.000000+00:00',0,NULL,CAST('{"uid":"ada","entry_id":"ready","source":"text","status":"ready","created_at":"2026-03-01T12:00:00Z","recorded_at":"2026-03-01T12:00:00Z","updated_at":"2026-03-01T12:00:00Z","timezone":"Europe/Berlin","stages":{"transcription":{"state":"skipped"},"emotion":{"state":"done","attempt":1,"started_at":"2026-03-01T12:00:00Z","finished_at":"2026-03-01T12:00:00Z","engine":"toy","model_version":"1"},"summarization":{"state":"done","attempt":1,"started_at":"2026-03-01T12:00:00Z","finished_at":"2026-03-01T12:00:00Z","engine":"toy","model_version":"1"}},"emotions":[{"emotion":"joy","confidence":0.5}],"feelings":[{"label":"happy","confidence":0.5}],"topics":[{"label":"I passed the exam. I cried.","confidence":0.5}],"sentiment":0.25,"summary":{"text":"I passed.","engine":"toy","title":"Exam","quotes":[{"text":"I passed the exam.","segment":0,"emotions":[{"emotion":"joy","confidence":0.5}]}]},"embedding_model":"encoder 1","feedback":[{"emotion":"joy","verdict":"correct","correction":"relief","segment":0,"revision":1,"given_at":"2026-03-01T12:07:00Z"}]}' AS BLOB));
INSERT INTO "entries" VALUES('ada','spoken','2026-03-01T12:01:00.000000+00:00',0,'2026-03-08T12:01:00.000000+00:00',CAST('{"uid":"ada","entry_id":"spoken","source":"voice","status":"ready","created_at":"2026-03-01T12:01:00Z","recorded_at":"2026-03-01T12:01:00Z","updated_at":"2026-03-01T12:01:00Z","language":"en","audio":{"object":"audio/ada/spoken","generation":1795995814597604843,"content_type":"audio/wav","size":13,"duration_s":1.0,"received_at":"2026-03-01T12:01:00Z","delete_after":"2026-03-08T12:01:00Z"},"stages":{"transcription":{"state":"done","attempt":1,"started_at":"2026-03-01T12:01:00Z","finished_at":"2026-03-01T12:01:00Z","engine":"toy","model_version":"1"},"emotion":{"state":"done","attempt":1,"started_at":"2026-03-01T12:01:00Z","finished_at":"2026-03-01T12:01:00Z","engine":"toy","model_version":"1"},"summarization":{"state":"done","attempt":1,"started_at":"2026-03-01T12:01:00Z","finished_at":"2026-03-01T12:01:00Z","engine":"toy","model_version":"1"}},"wake_at":"2026-03-08T12:01:00Z","emotions":[{"emotion":"joy","confidence":0.5}],"feelings":[{"label":"happy","confidence":0.5}],"topics":[{"label":"a spoken note","confidence":0.5}],"sentiment":0.5,"summary":{"text":"a spoken note","engine":"toy"},"embedding_model":"encoder 1","keeping":{"retention":"days","days":3}}' AS BLOB));
CREATE TABLE labels (
    uid TEXT NOT NULL,
    label TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (uid, label, recorded_at, entry_id)
) WITHOUT ROWID;
INSERT INTO "labels" VALUES('ada','emotion:joy','2026-03-01T12:00:00.000000+00:00','ready');
INSERT INTO "labels" VALUES('ada','feeling:happy','2026-03-01T12:00:00.000000+00:00','ready');
INSERT INTO "labels" VALUES('ada','topic:I passed the exam. I cried.','2026-03-01T12:00:00.000000+00:00','ready');
INSERT INTO "labels" VALUES('ada','emotion:joy','2026-03-01T12:01:00.000000+00:00','spoken');
INSERT INTO "labels" VALUES('ada','feeling:happy','2026-03-01T12:01:00.000000+00:00','spoken');
INSERT INTO "labels" VALUES('ada','topic:a spoken note','2026-03-01T12:01:00.000000+00:00','spoken');
CREATE TABLE pieces (
    uid TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (uid, entry_id, revision, kind, position)
) WITHOUT ROWID;
INSERT INTO "pieces" VALUES('ada','edited',2,'Transcript',0,CAST('{"text":"new words"}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','long',1,'ChunkTranscript',0,CAST('{"index":0,"segments":[{"text":"part 0.","start":0.0,"end":60.0}]}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','ready',1,'Arc',0,CAST('{"points":[{"segment":0,"emotions":[{"emotion":"joy","confidence":0.5}],"sentiment":0.5}]}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','ready',1,'Embedding',0,CAST('{"model":"encoder 1","passages":[{"first":0,"last":1,"vector":"AACAPwAAAAAAAAAAAAAAAA=="}]}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','ready',1,'Transcript',0,CAST('{"text":"I passed the exam. I cried."}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','spoken',1,'Arc',0,CAST('{"points":[{"segment":0,"emotions":[{"emotion":"joy","confidence":0.5}],"sentiment":0.5}]}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','spoken',1,'Embedding',0,CAST('{"model":"encoder 1","passages":[{"first":0,"last":0,"vector":"8wQ1P/MENT8AAAAAAAAAAA=="}]}' AS BLOB));
INSERT INTO "pieces" VALUES('ada','spoken',1,'Transcript',0,CAST('{"text":"a spoken note","segments":[{"text":"a spoken note","start":0.0,"end":1.0}],"language":"en","duration_s":1.0}' AS BLOB));
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
INSERT INTO "records" VALUES('allowances','ada','requests','ada',NULL,NULL,CAST('{"record_id":"requests","owner":"ada","began_at":"2026-03-01T12:07:00Z","taken":17}' AS BLOB));
INSERT INTO "records" VALUES('departed','','hash','','2026-03-01T12:07:00.000000+00:00','2126-02-05T12:07:00.000000+00:00',CAST('{"record_id":"hash","wake_at":"2026-03-01T12:07:00Z","expires_at":"2126-02-05T12:07:00Z","uid":"bob","deleted_at":"2026-03-01T12:07:00Z"}' AS BLOB));
INSERT INTO "records" VALUES('jobs','ada','j1','ada','2026-03-01T12:07:00.000000+00:00',NULL,CAST('{"record_id":"j1","owner":"ada","wake_at":"2026-03-01T12:07:00Z","kind":"export","state":"running","created_at":"2026-03-01T12:07:00Z","updated_at":"2026-03-01T12:07:00Z","done":3,"total":9,"attempt":1,"lease_token":"t","detail":{"cursor":"x"}}' AS BLOB));
INSERT INTO "records" VALUES('keys','','k1','ada',NULL,NULL,CAST('{"record_id":"k1","owner":"ada","name":"backup","scopes":["entries:read"],"digest":"d","former":"f","former_until":"2026-03-01T12:07:00Z","created_at":"2026-03-01T12:07:00Z","last_used_at":"2026-03-01T12:07:00Z"}' AS BLOB));
INSERT INTO "records" VALUES('requests','ada','r1','ada',NULL,'2126-02-05T12:07:00.000000+00:00',CAST('{"record_id":"r1","owner":"ada","expires_at":"2126-02-05T12:07:00Z","digest":"d","entry_id":"ready"}' AS BLOB));
INSERT INTO "records" VALUES('users','','ada','ada','2026-03-01T12:07:00.000000+00:00',NULL,CAST('{"record_id":"ada","owner":"ada","wake_at":"2026-03-01T12:07:00Z","created_at":"2026-03-01T12:07:00Z","updated_at":"2026-03-01T12:07:00Z","consent_version":"2","consented_at":"2026-03-01T12:07:00Z","timezone":"Europe/Berlin","language":"de","audio_retention":"days","audio_retention_days":3,"retention_days":30}' AS BLOB));
CREATE INDEX entries_by_time ON entries (uid, deleted, recorded_at DESC, entry_id DESC);
CREATE INDEX labels_of_entries ON labels (uid, entry_id);
CREATE INDEX entries_to_wake ON entries (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX records_by_owner ON records (owner, collection);
CREATE INDEX records_to_wake ON records (collection, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX records_to_expire ON records (expires_at) WHERE expires_at IS NOT NULL;
COMMIT;
PRAGMA user_version = 1;
