"""The contract's known answers, and what a signature covers."""

import base64

import pytest
import rsa_answers
from gateway_exchange import ED25519_PUBLIC, HMAC_SECRET

from flowex.adapters.keys.file import FileKeys, NamedKey
from flowex.ports.keys import ApiKey, Permission
from flowex.services.gateway.binance import security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.security import (
    Signatures,
    check_window,
    cut_signature,
    signed_parameters,
    signed_request,
)

PAYLOAD = (
    b"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&recvWindow=5000"
    b"&timestamp=1700000000000&quantity=0.01&price=25000.00"
)
QUERY = PAYLOAD[: PAYLOAD.index(b"&quantity")]
BODY = b"quantity=0.01&price=25000.00"
HMAC_OF_PAYLOAD = b"8b5971f4094f2c9ed095838e77f03ec14756c0da42fef63704c2eed2017bd2b0"
HMAC_OF_SPLIT = b"6455e3974da345cb0cb4d48cf8eeccb089c2b1a9c45fae91c41f179a30b56b7e"
HMAC_OF_SOCKET = b"98e69916f6035b6574ee0084c028d5835c72b28accb2823ab5fe8e573afccf03"
ED25519_OF_PAYLOAD = (
    b"Q3TCt+DEzy+A/KATUR9MRwe/Salyb5lOTwR8yyBHkHjZVZNH+ZdWdD7su52CrAjM41Xg7TM1sppY50E2uiQ8Cw=="
)
HMAC_KEY = ApiKey("k", 2, Permission.TRADE, hmac_secret=HMAC_SECRET)
ED25519_KEY = ApiKey("k", 2, Permission.TRADE, ed25519_public=ED25519_PUBLIC)
NOW = 1_700_000_000_000_000


def test_the_public_key_is_the_contracts() -> None:
    assert base64.b64encode(ED25519_PUBLIC) == b"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="


@pytest.mark.parametrize("signature", [HMAC_OF_PAYLOAD, HMAC_OF_PAYLOAD.upper()])
def test_hmac_known_answer_in_any_case(signature: bytes) -> None:
    assert Signatures().valid(HMAC_KEY, PAYLOAD, signature)
    assert not Signatures().valid(HMAC_KEY, PAYLOAD + b"0", signature)


def test_ed25519_known_answer() -> None:
    signatures = Signatures()
    assert signatures.valid(ED25519_KEY, PAYLOAD, ED25519_OF_PAYLOAD)
    assert not signatures.valid(ED25519_KEY, PAYLOAD + b"0", ED25519_OF_PAYLOAD)
    for nonsense in (b"", b"=", b"AAAA", b"\xff", ED25519_OF_PAYLOAD[:-4]):
        assert not signatures.valid(ED25519_KEY, PAYLOAD, nonsense)


@pytest.mark.parametrize(
    ("pem", "signature"),
    [
        (rsa_answers.PUBLIC_2048, rsa_answers.SIGNATURE_2048),
        (rsa_answers.PUBLIC_4096, rsa_answers.SIGNATURE_4096),
    ],
)
def test_rsa_known_answers(pem: str, signature: str) -> None:
    key = FileKeys([NamedKey("r", "k", "", 2, pem)]).find("k")
    assert key is not None
    signatures = Signatures()
    encoded = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    for sent in (signature, encoded):
        signed = signed_request(PAYLOAD + b"&signature=" + sent.encode(), b"")
        assert signatures.valid(key, *signed)
    assert not signatures.valid(key, PAYLOAD + b"0", signature.encode())
    for nonsense in (b"", b"=", b"AAAA", b"\xff", signature[:-4].encode(), ED25519_OF_PAYLOAD):
        assert not signatures.valid(key, PAYLOAD, nonsense)


def test_decoded_keys_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "PUBLIC_KEYS_MAX", 1)
    signatures = Signatures()
    keys = FileKeys(
        [
            NamedKey("a", "a", "", 2, rsa_answers.PUBLIC_2048),
            NamedKey("b", "b", "", 2, rsa_answers.PUBLIC_4096),
        ]
    )
    for _ in range(2):
        for name, signature in (
            ("a", rsa_answers.SIGNATURE_2048),
            ("b", rsa_answers.SIGNATURE_4096),
        ):
            key = keys.find(name)
            assert key is not None
            assert signatures.valid(key, PAYLOAD, signature.encode())
    assert len(signatures._rsa) == 1


def test_a_key_without_secret_signs_nothing() -> None:
    assert not Signatures().valid(ApiKey("k", 2, Permission.TRADE), PAYLOAD, HMAC_OF_PAYLOAD)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (PAYLOAD + b"&signature=" + HMAC_OF_PAYLOAD, b""),
        (b"", PAYLOAD + b"&signature=" + HMAC_OF_PAYLOAD),
        (b"signature=" + HMAC_OF_PAYLOAD + b"&" + PAYLOAD, b""),
        (QUERY + b"&signature=" + HMAC_OF_SPLIT, BODY),
        (QUERY, BODY + b"&signature=" + HMAC_OF_SPLIT),
    ],
)
def test_query_and_body_are_signed_as_one(query: bytes, body: bytes) -> None:
    payload, signature = signed_request(query, body)
    assert Signatures().valid(HMAC_KEY, payload, signature)


def test_base64_may_come_percent_encoded_or_raw() -> None:
    encoded = ED25519_OF_PAYLOAD.replace(b"+", b"%2B").replace(b"/", b"%2F").replace(b"=", b"%3D")
    for signature in (ED25519_OF_PAYLOAD, encoded):
        signed = signed_request(PAYLOAD + b"&signature=" + signature, b"")
        assert Signatures().valid(ED25519_KEY, *signed)


@pytest.mark.parametrize(
    ("raw", "payload", "signature"),
    [
        (b"", b"", b""),
        (b"a=1&signature=s", b"a=1", b"s"),
        (b"a=1&signature=s&b=2", b"a=1&b=2", b"s"),
        (b"signature=s&b=2", b"b=2", b"s"),
        (b"signature=s", b"", b"s"),
        (b"mysignature=s&b=2", b"mysignature=s&b=2", b""),
        (b"mysignature=x&signature=s", b"mysignature=x", b"s"),
    ],
)
def test_only_the_signature_pair_is_cut_out(raw: bytes, payload: bytes, signature: bytes) -> None:
    assert cut_signature(raw) == (payload, signature)


def test_socket_parameters_are_sorted_and_signed_plain_or_encoded() -> None:
    texts = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": "25000.00",
        "timestamp": "1700000000000",
        "apiKey": "FlowExTestKey",
        "signature": HMAC_OF_SOCKET.decode(),
    }
    plain, encoded = signed_parameters(texts)
    assert plain == encoded
    assert Signatures().valid(HMAC_KEY, plain, HMAC_OF_SOCKET)
    plain, encoded = signed_parameters({"symbols": '["A"]'})
    assert (plain, encoded) == (b'symbols=["A"]', b"symbols=%5B%22A%22%5D")


def code_of(texts: dict[str, str]) -> int:
    try:
        check_window(texts, NOW)
    except Refusal as refusal:
        return refusal.fault.code
    return 0


@pytest.mark.parametrize(
    ("timestamp", "window", "code"),
    [
        ("1700000000000", None, 0),
        ("1700000000000000", None, 0),
        ("1700000000999", None, 0),
        ("1700000001000", None, -1021),
        ("1699999995000", None, 0),
        ("1699999994999", None, -1021),
        ("1699999994999", "5001", 0),
        ("1699999994999", "5000.999", -1021),
        ("1699999940000", "60000", 0),
        ("1700000000000", "60000.001", -1131),
        ("1700000000000", "1e3", -1100),
        ("1700000000000", "-1", -1100),
        ("", None, -1102),
        ("nonsense", None, -1100),
        ("-1", None, -1100),
        ("99999999999999999999999", None, -1100),
        ("", "70000", -1102),
        ("0", "70000", -1131),
        ("1" + "0" * 19, None, -1130),
        ("1700000000000", "", -1105),
        ("1700000000000", "0.001", 0),
        ("1700000000000", "5000.0001", -1100),
        ("1700000000999999", None, 0),
        ("1700000001000000", None, -1021),
        ("1699999994999999", "5000", -1021),
        ("1699999994999999", "5000.001", 0),
    ],
)
def test_the_time_window(timestamp: str, window: str | None, code: int) -> None:
    sent = {"timestamp": timestamp} | ({} if window is None else {"recvWindow": window})
    assert code_of(sent) == code


def test_the_window_says_until_when_the_engine_may_take_it() -> None:
    assert check_window({"timestamp": "1700000000000"}, NOW) == NOW + 5_000_000
