BEGIN TRANSACTION;
CREATE TABLE dead_letters (
    message_id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    died_at REAL NOT NULL
);
INSERT INTO "dead_letters" VALUES(12,'7be2e64a4d7f5871822ac948048322bc','samo.entry.chunk-planned.v1',CAST('{"uid":"ada","entry_id":"long","revision":1,"chunk":1}' AS BLOB),1,1772366820.0);
CREATE TABLE messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: a late answer must not hit another
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    visible_at REAL NOT NULL
);
INSERT INTO "messages" VALUES(13,'94c272830826dea23b16e16f52c8e570','samo.entry.transcribed.v1',CAST('{"uid":"ada","entry_id":"gone","revision":1}' AS BLOB),0,1772366700.0);
INSERT INTO "messages" VALUES(14,'f9f761bd53f6f2303a7ad37ecc666c7f','samo.entry.transcribed.v1',CAST('{"uid":"ada","entry_id":"edited","revision":1}' AS BLOB),0,1772366760.0);
INSERT INTO "messages" VALUES(15,'bea0398af406c153dd44bcd440793bd6','samo.entry.transcribed.v1',CAST('{"uid":"ada","entry_id":"edited","revision":2}' AS BLOB),0,1772366760.0);
CREATE INDEX messages_by_time ON messages (visible_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('messages',15);
COMMIT;
