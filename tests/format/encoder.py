"""Makes the example blobs and messages of docs/format.md, and was written from that page alone: no word of Rust was needed.

Prints one line for each: its name and its bytes in hex. Python 3 and nothing else. The signing is RFC 8032's, slow and not for real keys.
"""

import hashlib
import hmac

# Ed25519 (RFC 8032, section 6), points as (x, y).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


def x_of(y):
    """The even x of the curve point with this y."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root % 2 == 0 else P - root


def add(a, b):
    (ax, ay), (bx, by) = a, b
    product = D * ax * bx * ay * by % P
    x = (ax * by + ay * bx) * pow(1 + product, -1, P) % P
    y = (ay * by + ax * bx) * pow(1 - product, -1, P) % P
    return x, y


def times_base(scalar):
    total, power = (0, 1), (x_of(BASE_Y), BASE_Y)
    while scalar:
        if scalar & 1:
            total = add(total, power)
        power, scalar = add(power, power), scalar >> 1
    return (total[1] | (total[0] & 1) << 255).to_bytes(32, "little")


def number_of(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def secret_scalar(seed):
    return int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & (1 << 254) - 8 | 1 << 254


def public_key(seed):
    return times_base(secret_scalar(seed))


def sign(seed, message):
    nonce = number_of(hashlib.sha512(seed).digest()[32:], message) % L
    point = times_base(nonce)
    challenge = number_of(point, public_key(seed), message)
    return point + ((nonce + challenge * secret_scalar(seed)) % L).to_bytes(32, "little")


# The encoding.


def u8(number):
    return bytes([number])


def uint(number):
    """u16, u32 and u64 alike."""
    low = b""
    while number > 0x7F:
        low, number = low + u8(number & 0x7F | 0x80), number >> 7
    return low + u8(number)


def sint(number):
    """i16, i32 and i64 alike."""
    return uint(2 * number if number >= 0 else -2 * number - 1)


def option(value, encode):
    return b"\x00" if value is None else b"\x01" + encode(value)


def rows(*encoded):
    return uint(len(encoded)) + b"".join(encoded)


def period(start, end):
    return option(start, sint) + option(end, sint)


def dates(start, end):
    return sint(start) + sint(end)


def areas(by_system):
    """{system: [area, ..]}"""
    return b"".join(uint(sum(1 << area - 1 for area in by_system.get(system, []))) for system in range(1, 9))


def change(month, week, weekday, minute):
    return u8(month) + u8(week) + u8(weekday) + sint(minute)


def layer(schedule, kind, range_of_dates, groups):
    return u8(schedule) + uint(kind) + dates(*range_of_dates) + u8(groups)


def span(layer, weekdays, *minutes):
    return u8(layer) + u8(weekdays) + b"".join(map(uint, minutes))


def identity(name, length):
    return hashlib.sha256(name.encode()).digest()[:length]


def digest(tag, typed):
    return hmac.digest(CODE_KEY, bytes([tag]) + typed.encode().ljust(32, b"\0"), "sha256")[:8]


def site(id, options, baseline, lifted_at, longest_session):
    return uint(id) + u8(options) + uint(baseline) + option(lifted_at, sint) + uint(longest_session) + uint(120) + uint(1440)


def engineer(id, email, standing):
    return uint(id) + identity(email.strip().lower(), 16) + u8(standing)


def grant(engineer, site, id, start, end, begin_by, one_time, capabilities, excluded):
    ids = uint(engineer) + uint(site) + uint(id)
    return ids + period(start, end) + option(begin_by, sint) + u8(one_time) + uint(capabilities) + uint(excluded)


def authorisation(id, model, first, last, start, end, image, allows_downgrade):
    versions = b"".join(map(uint, first + last))
    return uint(id) + model.encode().ljust(16, b"\0") + versions + period(start, end) + option(image, bytes) + u8(allows_downgrade)


def blob(kind, recipient, sequence, content, distance=0, base_digest=b"", expires=None):
    def fixed(number, size):
        return number.to_bytes(size, "little", signed=size == 8)

    head = b"KHB1" + u8(1) + u8(kind) + fixed(distance, 2) + fixed(recipient, 4) + fixed(len(content), 4)
    head += fixed(sequence, 8) + fixed(ISSUED, 8) + fixed(ISSUED + 30 * DAY if expires is None else expires, 8)
    head += key_id(public_key(SEED)) + hashlib.sha256(base_digest + content).digest()
    return head + sign(SEED, head) + content


def patch(base, content):
    """A patch of a blob, with the sequence after it."""
    kind, recipient, sequence = base[5], int.from_bytes(base[8:12], "little"), int.from_bytes(base[16:24], "little")
    return blob(kind + 2, recipient, sequence + 1, content, 1, base[48:80])


def put(part, *encoded):
    return u8(part) + rows(*encoded)


def remove(part, *names):
    return u8(64 + part) + rows(*names)


def key_id(key):
    return hashlib.sha256(key).digest()[:8]


def some(encoded):
    return b"\x01" + encoded


# The examples.

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
CODE_KEY = bytes(range(32))
ISSUED = 1795334400  # 2026-11-22T08:00:00Z
DAY = 86400
WORKDAYS = 1 | 2 | 4 | 8 | 16
AHEAD = 1953100800  # 2031-11-22T08:00:00Z
NEXT_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
LOWEST, HIGHEST = -(2**63), 2**63 - 1


def contact_12(more_permissions):
    return (
        uint(12) + identity("person-2", 4) + uint(2 | 4 | 128 | more_permissions) + period(ISSUED, ISSUED + 365 * DAY)
        + uint(3) + uint(43200) + u8(1) + u8(2) + uint(30)
    )


def panel():
    policy = [
        uint(7) + sint(-300) + sint(-240) + change(3, 2, 0, 120) + change(11, 1, 0, 120)
        + areas({1: [1, 2, 3]}) + u8(2) + uint(30) + uint(15) + uint(1380) + uint(240) + u8(10) + uint(90) + uint(60),
        rows(areas({1: [1, 2]}), areas({1: [3]})),
        rows(u8(1)),
        rows(layer(1, 0, (0, 0), 0), layer(1, 1, (20970, 21062), 0), layer(1, 2, (0, 0), 1)),
        rows(span(1, WORKDAYS, 480, 510, 1020, 1080), span(2, 16, 1200, 65535, 1500, 1560)),
        rows(uint(0) + bytes([12, 25, 0]), uint(2027) + bytes([4, 2, 0])),
        rows(u8(2) + u8(WORKDAYS) + dates(0, 193579) + uint(1110) + uint(1200)),
        rows(
            uint(1) + identity("person-1", 4) + uint(8 | 16 | 64 | 1024) + period(None, None) + uint(0) + u8(0) + u8(0) + uint(0),
            contact_12(0),
        ),
        rows(*sorted([digest(1, "2580") + uint(1), digest(1, "13795") + uint(12)])),
        rows(digest(2, "bluebird") + uint(1)),
        rows(site(7, 8, 1, None, 0)),
        rows(engineer(41, "eve@dealer.example", 1 | 4)),
        rows(grant(41, 7, 900, ISSUED, ISSUED + DAY, ISSUED + 7200, True, 1 | 2 | 512, 4)),
        rows(authorisation(5, "KP-200", [2, 0, 0, 0], [2, 9, 65535, 65535], None, ISSUED + 90 * DAY, None, False)),
    ]
    return blob(1, 7, 3, b"".join(policy))


def receiver():
    image = hashlib.sha256(b"image 2.1").digest()
    policy = [
        uint(500) + uint(300),
        rows(site(7, 8, 0, None, 0), site(900, 1, 0, ISSUED - 3600, 240)),
        rows(engineer(41, "eve@dealer.example", 1 | 4), engineer(42, "mal@maker.example", 1 | 8)),
        rows(
            grant(41, 7, 901, ISSUED, ISSUED + DAY, ISSUED + 7200, True, 1 | 2 | 512, 4),
            grant(41, 7, 903, ISSUED, ISSUED + DAY, ISSUED + 7200, True, 1 | 2 | 512, 4),
            grant(42, 900, 902, ISSUED, None, None, False, 1 | 2 | 512, 0),
        ),
        rows(
            authorisation(5, "KP-200", [2, 0, 0, 0], [2, 9, 65535, 65535], None, ISSUED + 90 * DAY, None, False),
            authorisation(6, "KP-200", [2, 0, 0, 0], [2, 9, 65535, 65535], ISSUED, None, image, True),
        ),
    ]
    return blob(2, 500, 12, b"".join(policy))


def panel_patch():
    content = [
        put(7, contact_12(1)),
        put(8, digest(1, "86420") + uint(12)),
        remove(9, uint(1)),
        remove(12, uint(41) + uint(7) + uint(900)),
    ]
    return patch(panel(), b"".join(content))


def receiver_patch():
    content = [
        u8(0) + uint(500) + uint(60),
        put(11, engineer(43, "ida@dealer.example", 1 | 4)),
        remove(12, uint(41) + uint(7) + uint(903)),
        put(12, grant(43, 7, 904, ISSUED, ISSUED + DAY, ISSUED + 7200, True, 1 | 2 | 512, 4)),
        remove(13, uint(6)),
    ]
    return patch(receiver(), b"".join(content))


def key_change():
    return blob(5, 7, 6, uint(0) + NEXT_KEY)


def clock_correction():
    return blob(6, 7, 5, sint(AHEAD), expires=HIGHEST)


def holding():
    policy = uint(4) + panel_patch()[48:80] + sint(ISSUED)
    keys = key_id(NEXT_KEY) + some(key_id(b"\x77" * 32))
    return uint(7) + some(policy) + some(uint(6)) + keys + sint(ISSUED + 3600) + u8(1)


def acknowledgement():
    wrong_recipient = uint(2) + uint(8)
    return u8(1) + holding() + some(uint(9)) + some(wrong_recipient)


def report():
    giver = uint(1) + identity("person-1", 4)
    session = uint(2**31) + sint(ISSUED + 660) + sint(HIGHEST)
    local = grant(41, 7, 2**31, ISSUED + 600, ISSUED + 7800, None, True, 1 | 2 | 512, 4)
    return b"".join([
        u8(1) + holding(),
        some(sint(ISSUED + 3600)) + some(uint(3600)),
        rows(sint(ISSUED + 1800) + u8(32) + uint(0) + u8(1) + uint(3) + uint(0) + uint(0) + uint(0)),
        rows(local + u8(0) + session + giver),
        rows(uint(900), uint(950)) + uint(17),
        sint(ISSUED - 60) + sint(LOWEST),
        u8(2) + u8(1) + sint(ISSUED + 90),
        rows(uint(12)),
        rows(u8(1) + sint(20780) + u8(0) + span(0, 0, 480, 510, 1020, 1110)),
        rows(u8(1) + uint(4) + period(ISSUED, ISSUED + 1800) + giver),
        rows(areas({1: [3]}) + period(ISSUED, ISSUED + 900) + giver),
    ])


if __name__ == "__main__":
    for make in (panel, receiver, panel_patch, receiver_patch, key_change, clock_correction, acknowledgement, report):
        print(make.__name__, make().hex())
