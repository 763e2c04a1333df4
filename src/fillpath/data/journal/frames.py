"""The form of a journal on disk: a header, then frames that chain by their hashes.

::

    header   16 bytes  "fillpath journal"
              4 bytes  format version, little-endian like every number here
              4 bytes  CRC-32 of the 20 bytes before
    frame     4 bytes  mark
              4 bytes  length of the payload
              4 bytes  number of records in the payload
              8 bytes  sequence number of the first of them
              4 bytes  CRC-32 of the 20 bytes before: is the length itself to be trusted?
             32 bytes  SHA-256 of (hash of the frame before, the 24 bytes above, payload)
              n bytes  payload: one group of ``data/codec.py``

The first frame chains to the SHA-256 of the header. Nothing in a file depends on the clock, the
process or the machine, so the same records in the same groups give the same bytes.
"""

import hashlib
import struct
from typing import Final, NamedTuple
from zlib import crc32

from fillpath.core.errors import JournalCorrupt, JournalError

FORMAT_VERSION: Final = 1
MARK: Final = b"\xf1\x11\xfa\x7e"
PAYLOAD_MAX: Final = (1 << 31) - 1
_MAGIC: Final = b"fillpath journal"
_NUMBER: Final = struct.Struct("<I")
_LABEL: Final = struct.Struct("<4sIIQ")

LABEL_SIZE: Final = _LABEL.size + _NUMBER.size
HEAD_SIZE: Final = LABEL_SIZE + hashlib.sha256().digest_size


def _header(version: int) -> bytes:
    start = _MAGIC + _NUMBER.pack(version)
    return start + _NUMBER.pack(crc32(start))


HEADER: Final = _header(FORMAT_VERSION)
HEADER_SIZE: Final = len(HEADER)
GENESIS: Final = hashlib.sha256(HEADER).digest()


class Head(NamedTuple):
    """What stands before a payload.

    Args:
        label: the bytes that the hash covers besides the payload.
        length: bytes of payload.
        records: how many the payload holds.
        sequence: number of the first of them.
        digest: the hash that the frame claims.
    """

    label: bytes
    length: int
    records: int
    sequence: int
    digest: bytes


def check_header(start: bytes) -> None:
    """Accept the header of this format.

    Raises:
        JournalError: not a journal, or one of another format version.
        JournalCorrupt: a damaged header.
    """
    if not start.startswith(_MAGIC):
        raise JournalError("this is not a fillpath journal")
    if start == HEADER:
        return
    (version,) = _NUMBER.unpack_from(start.ljust(HEADER_SIZE, b"\0"), len(_MAGIC))
    if start != _header(version):
        raise JournalCorrupt("the header is damaged (byte 0)")
    raise JournalError(
        f"the journal has format version {version}, this program reads version {FORMAT_VERSION}"
    )


def frame(previous: bytes, payload: bytes, records: int, sequence: int) -> tuple[bytes, bytes]:
    """Return a frame and its hash."""
    assert 0 < len(payload) <= PAYLOAD_MAX, "a group has 1 byte to 2 GiB"
    start = _LABEL.pack(MARK, len(payload), records, sequence)
    label = start + _NUMBER.pack(crc32(start))
    digest = chained(previous, label, payload)
    return b"".join((label, digest, payload)), digest


def chained(previous: bytes, label: bytes, payload: bytes) -> bytes:
    """Return the hash that ties a frame to the one before."""
    digest = hashlib.sha256(previous)
    digest.update(label)
    digest.update(payload)
    return digest.digest()


def read_head(content: bytes) -> Head | None:
    """Return the head that ``content`` begins with, or None when there is no sound one."""
    if len(content) < HEAD_SIZE:
        return None
    mark, length, records, sequence = _LABEL.unpack_from(content)
    (check,) = _NUMBER.unpack_from(content, _LABEL.size)
    if mark != MARK or check != crc32(content[: _LABEL.size]):
        return None
    return Head(content[:LABEL_SIZE], length, records, sequence, content[LABEL_SIZE:HEAD_SIZE])
