"""An OAuth 2.0 token endpoint, as Google, LinkedIn and others have it: a refresh token or a signed
assertion buys an access token for an hour.

https://datatracker.ietf.org/doc/html/rfc6749#section-6
https://datatracker.ietf.org/doc/html/rfc7523
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer

LIVES_S = 3600
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NEEDED = {
    "refresh_token": ("client_id", "client_secret", "refresh_token"),
    ASSERTION: ("assertion",),
}
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")


def read(asked: Asked) -> Read:
    form = {key: found[0] for key, found in parse_qs(asked.body.decode(errors="replace")).items()}
    grant = form.get("grant_type", "")
    if grant not in NEEDED:
        return Read(faults=["grant_type: unsupported"])
    faults = [f"{key}: missing" for key in NEEDED[grant] if not form.get(key)]
    if form.get("assertion") and not _JWT.fullmatch(form["assertion"]):
        faults.append("assertion: expected a JWT")
    if form.get("refresh_token", "").startswith("revoked"):
        return Read(denied="refresh_token: it has been revoked", faults=faults)
    token = f"recorder-{asked.now + LIVES_S * 1000}-{asked.now % 9973}"
    return Read(faults=faults, items=[] if faults else [Item(id=token, name="token")])


def answer(read: Read) -> Answer:
    if not read.faults:
        [item] = read.items
        content = {"access_token": item.id, "expires_in": LIVES_S, "token_type": "Bearer"}
        return json_answer(200, content, {"cache-control": "no-store"})
    is_grant = read.faults[0].startswith("grant_type")
    return _error("unsupported_grant_type" if is_grant else "invalid_request", read.faults[0])


def _error(error: str, told: str) -> Answer:
    return json_answer(400, {"error": error, "error_description": told})


PARTNER = Partner(
    name="oauth",
    title="OAuth",
    docs="https://datatracker.ietf.org/doc/html/rfc6749",
    path=re.compile(r"/token|/oauth2?/(?:v\d/)?(?:token|accessToken)|/auth/o2/token"),
    read=read,
    answer=answer,
    is_whole=True,
    revoked=_error("invalid_grant", "Token has been expired or revoked."),
)
