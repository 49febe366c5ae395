"""The reasons for which the shop refuses, in words, and how each leaves the gateway."""

INVALID = (422, "validation-failed")
REASONS: dict[str, tuple[int, str]] = {
    "nobody is signed in": (401, "unauthenticated"),
    "the e-mail address or the password is wrong": (401, "invalid-credentials"),
    "the account is suspended": (403, "account-suspended"),
    "they are no admin": (403, "forbidden"),
    "there is no such product": (404, "product-not-found"),
    "there is no such order": (404, "order-not-found"),
    "the e-mail address is taken": (409, "email-taken"),
    "the same request is still running": (409, "request-in-progress"),
    "the product exists already": (409, "product-exists"),
    "the change is invalid": INVALID,
    "the key stands for another order": (422, "idempotency-key-reused"),
    "too many attempts were made": (429, "too-many-attempts"),
    "products has failed": (502, "products-failed"),
    "users has failed": (502, "users-failed"),
    "the gateway got no usable answer": (502, "bad-gateway"),
    "orders is unavailable": (503, "unavailable"),
    "products is unavailable": (503, "products-unavailable"),
    "users is unavailable": (503, "users-unavailable"),
    "nobody knows whether it was done": (504, "outcome-unknown"),
    "products has not answered in time": (504, "products-timeout"),
    "users has not answered in time": (504, "users-timeout"),
    "the gateway got no answer in time": (504, "gateway-timeout"),
}
