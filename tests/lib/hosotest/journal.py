# SPDX-License-Identifier: Apache-2.0
"""Reads a backup from docs/journal-format.md alone, as a stranger would."""
import collections
import hashlib
import pathlib
import struct

HEAD = struct.Struct(">4sBBBBIQQQQ32sI")     # up to the payload's size
Entry = collections.namedtuple("Entry", "source sequence event_id dossier space")


def digest(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def manifest_of(backup):
    """{name: value} of the manifest, whose checksum is right."""
    text = (pathlib.Path(backup) / "manifest").read_bytes()
    lines = dict(line.split(" ", 1) for line in text.decode().splitlines())
    assert lines["hoso"] == "backup 1"
    assert lines["checksum"] == digest(text[:text.rindex(b"checksum ")]).hex()
    return lines


def varint(data, at):
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def text(data, at):
    size, at = varint(data, at)
    return data[at:at + size].decode(), at + size


def entry_of(source, space, sequence, record):
    flags, at = varint(record, 1)
    _, at = varint(record, at)
    if flags & 4:
        _, at = varint(record, at)
    event_id, at = text(record, at)
    dossier, at = text(record, at)
    return Entry(source, sequence, event_id, dossier, space)


def entries_of(backup):
    """{position: Entry, or None for a catalogue or a close}, after checking every block and the manifest."""
    manifest = manifest_of(backup)
    data = (pathlib.Path(backup) / "blocks").read_bytes()[:int(manifest["bytes"])]
    entries, at, previous, blocks = {}, 0, bytes(32), 0
    while at < len(data):
        magic, version, kind, source_size, space_size, count, first, _, _, sequence, before, size = HEAD.unpack_from(data, at)
        begin = at + HEAD.size + source_size + space_size
        end = begin + size
        assert (magic, version, before, first) == (b"HOSB", 2, previous, len(entries) + 1)
        source = data[at + HEAD.size:at + HEAD.size + source_size].decode()
        space = data[at + HEAD.size + source_size:begin].decode() or source
        for n in range(count):
            if kind in (2, 3):
                entries[first] = None
                break
            record_size, begin = varint(data, begin)
            entries[first + n] = entry_of(source, space, sequence + n, data[begin:begin + record_size])
            begin += record_size
        previous, blocks = digest(data[at:end + 8]), blocks + 1
        at = end + 8
    assert (previous.hex(), blocks, len(entries)) == (manifest["hash"], int(manifest["blocks"]), int(manifest["position"]))
    return entries
