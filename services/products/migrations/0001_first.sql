-- The tables as they were before there were migrations: a database of that time has them.
CREATE TABLE IF NOT EXISTS products (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_text TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS heartbeat (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
