"""The form of a journal on disk: a header, then frames that chain by their hashes.

::

    header   16 bytes  "fillpath journal"
              4 bytes  format version, little-endian like every number here
              4 bytes  CRC-32 of the 20 bytes before
    frame     4 bytes  mark
              4 bytes  length of the payload
              4 bytes  number of records in the payload
              8 bytes  sequence number of the first of them
              4 bytes  epoch of the writer; missing in version 1
              4 bytes  CRC-32 of everything before: is the length itself to be trusted?
             32 bytes  SHA-256 of (hash of the frame before, the bytes above, payload)
              n bytes  payload: one group of ``data/codec.py``, or the word of an opening

The first frame chains to the SHA-256 of the header. A frame without records is an opening: from
there on the journal belongs to the writer of its epoch, which is above every epoch before; its
payload says how that came (``ORIGINS``). Every other frame has the epoch of the opening before it.
Nothing in a file depends on the clock, the process or the machine, so the same records in the same
groups and openings give the same bytes.
"""

import hashlib
import struct
from collections.abc import Mapping
from typing import Final, NamedTuple
from zlib import crc32

from fillpath.core.errors import JournalCorrupt, JournalError

MARK: Final = b"\xf1\x11\xfa\x7e"
PAYLOAD_MAX: Final = (1 << 31) - 1
EPOCH_MAX: Final = (1 << 32) - 1
ORIGINS: Final = ("opened", "reconnected", "restored", "upgraded")
"""How an epoch begins: a writer came, or came back after its connection was lost; a backup took the
journal's place; an old form was rewritten.
"""

_MAGIC: Final = b"fillpath journal"
_NUMBER: Final = struct.Struct("<I")
_DIGEST_SIZE: Final = hashlib.sha256().digest_size


def _header(version: int) -> bytes:
    start = _MAGIC + _NUMBER.pack(version)
    return start + _NUMBER.pack(crc32(start))


class Form:
    """One format version.

    Args:
        version: its number.
        label: what stands before the checksum of a frame's head.
    """

    def __init__(self, version: int, label: str) -> None:
        self.version = version
        self.header = _header(version)
        self.genesis = hashlib.sha256(self.header).digest()
        self._label = struct.Struct(label)
        self._checked = self._label.size
        self._label_size = self._checked + _NUMBER.size
        self.head_size = self._label_size + _DIGEST_SIZE

    def label(self, *numbers: int) -> bytes:
        """Return length, records, sequence and epoch as the bytes that the hash covers."""
        start = self._label.pack(MARK, *numbers)
        return start + _NUMBER.pack(crc32(start))

    def read_head(self, content: bytes) -> "Head | None":
        """Return the head that ``content`` begins with, or None when there is no sound one."""
        if len(content) < self.head_size:
            return None
        mark, length, records, sequence, *epoch = self._label.unpack_from(content)
        (check,) = _NUMBER.unpack_from(content, self._checked)
        if mark != MARK or check != crc32(content[: self._checked]):
            return None
        label = content[: self._label_size]
        digest = content[self._label_size : self.head_size]
        return Head(label, length, records, sequence, epoch[0] if epoch else 0, digest)


class Head(NamedTuple):
    """What stands before a payload.

    Args:
        label: the bytes that the hash covers besides the payload.
        length: bytes of payload.
        records: how many the payload holds; 0 for an opening.
        sequence: number of the first of them, or of the next one.
        epoch: of the writer; 0 in version 1, which knew only one.
        digest: the hash that the frame claims.
    """

    label: bytes
    length: int
    records: int
    sequence: int
    epoch: int
    digest: bytes


FORMS: Final[Mapping[int, Form]] = {1: Form(1, "<4sIIQ"), 2: Form(2, "<4sIIQI")}
CURRENT: Final = FORMS[2]
HEADER: Final = CURRENT.header
HEADER_SIZE: Final = len(HEADER)
GENESIS: Final = CURRENT.genesis


def form_of(start: bytes) -> Form:
    """Return the form that a header announces.

    Raises:
        JournalError: not a journal, or one of a format version that is not known.
        JournalCorrupt: a damaged header.
    """
    if not start.startswith(_MAGIC):
        raise JournalError("this is not a fillpath journal")
    (version,) = _NUMBER.unpack_from(start.ljust(HEADER_SIZE, b"\0"), len(_MAGIC))
    if start != _header(version):
        raise JournalCorrupt("the header is damaged (byte 0)")
    if version not in FORMS:
        known = " and ".join(str(number) for number in FORMS)
        raise JournalError(
            f"the journal has format version {version}, this program reads versions {known}"
        )
    return FORMS[version]


def frame(
    previous: bytes, payload: bytes, *, records: int, sequence: int, epoch: int
) -> tuple[bytes, bytes]:
    """Return a frame of the current form and its hash."""
    assert 0 < len(payload) <= PAYLOAD_MAX, "a group has 1 byte to 2 GiB"
    label = CURRENT.label(len(payload), records, sequence, epoch)
    digest = chained(previous, label, payload)
    return b"".join((label, digest, payload)), digest


def chained(previous: bytes, label: bytes, payload: bytes) -> bytes:
    """Return the hash that ties a frame to the one before."""
    digest = hashlib.sha256(previous)
    digest.update(label)
    digest.update(payload)
    return digest.digest()


def opening(previous: bytes, sequence: int, epoch: int, origin: str) -> tuple[bytes, bytes]:
    """Return the frame that begins an epoch, and its hash."""
    assert origin in ORIGINS, "an epoch begins in a known way"
    return frame(previous, origin.encode("ascii"), records=0, sequence=sequence, epoch=epoch)
