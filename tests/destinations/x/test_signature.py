from __future__ import annotations

from server.destinations.x.signature import Keys, authorization, nonce

KEYS = Keys(
    consumer_key="k3y",
    consumer_secret="s3cret+/&é",
    token="370-t0ken",
    token_secret="t0ken secret~",
)
URL = "https://ads-api.x.com/12/measurement/conversions/o8z6j"


def test_a_signature_is_the_one_that_another_program_computes() -> None:
    """`openssl dgst -sha1 -hmac` of the base string that RFC 5849 describes."""
    assert authorization(URL, KEYS, nonce="abc123", at=1_760_000_031_999) == (
        'OAuth oauth_consumer_key="k3y", oauth_nonce="abc123",'
        ' oauth_signature="g9BmpU7a1u2%2BZhglKmvZHTOtvoc%3D",'
        ' oauth_signature_method="HMAC-SHA1", oauth_timestamp="1760000031",'
        ' oauth_token="370-t0ken", oauth_version="1.0"'
    )


def test_a_nonce_is_another_one_for_other_events_and_at_another_time() -> None:
    nonces = {nonce(["a", "b"], 1), nonce(["a"], 1), nonce(["b"], 1), nonce(["a", "b"], 2)}
    assert len(nonces) == 4
    assert nonce(["a", "b"], 1) in nonces
