-- The tables as they were before there were migrations: a database of that time has them.
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS "_account_email_key" ON accounts (email_key);

CREATE TABLE IF NOT EXISTS failed_attempts (
    id SERIAL PRIMARY KEY,
    email_key TEXT NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "_failure_at" ON failed_attempts (at);
CREATE INDEX IF NOT EXISTS "_failure_email_key_at" ON failed_attempts (email_key, at);

CREATE TABLE IF NOT EXISTS known_addresses (
    email_key TEXT NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (email_key, address)
);

CREATE TABLE IF NOT EXISTS heartbeat (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
