-- The tables as they were before there were migrations: a database of that time has them.
CREATE TABLE IF NOT EXISTS orders (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    product_name TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE IF NOT EXISTS idempotency_keys (
    user_id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    order_id TEXT,
    PRIMARY KEY (user_id, "key")
);
CREATE INDEX IF NOT EXISTS "_key_claimed_at" ON idempotency_keys (claimed_at);
CREATE UNIQUE INDEX IF NOT EXISTS "_key_order_id" ON idempotency_keys (order_id);

CREATE TABLE IF NOT EXISTS heartbeat (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
