# SPDX-License-Identifier: Apache-2.0
"""A client of hoso as any third party could write it: the proto files, a ZeroMQ library, nothing else.

Publisher sends events to intake and loses none: it numbers them, keeps several Appends under way, sends again what
was not answered, and drops what intake says it can never take. Reporter asks reporting for reports. Both speak
through a Channel: a DEALER socket with CURVE, one frame out, one frame in.
"""
import collections
import time

import zmq

from hosotest.cut import Cut
from hosotest.protocol import pb

Keys = collections.namedtuple("Keys", "public secret")  # Z85 text

TRY_AGAIN = (pb.ERROR_CODE_NOT_READY, pb.ERROR_CODE_BUSY, pb.ERROR_CODE_UNAVAILABLE)


class Refused(Exception):
    """The service answered with an Error."""

    def __init__(self, error):
        super().__init__(f"{pb.ErrorCode.Name(error.code)} {error.field}: {error.text}")
        self.code, self.field, self.text = error.code, error.field, error.text


class NoAnswer(Exception):
    """Nothing came back in time: what became of the request is unknown."""


class Fenced(Exception):
    """Another instance of this publisher opened a newer epoch."""


class NotOpen(Exception):
    """Nobody has this source open: it was never opened, or the journal was restored from a backup."""


class Conflict(Exception):
    """Sequences that intake has journaled with other content: the outbox and the journal disagree."""


class Channel:
    """Requests out, replies in, matched by request_id."""

    def __init__(self, endpoint, server_key, keys, request_type, reply_type):
        self._request_type, self._reply_type, self._next_id = request_type, reply_type, 1
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.curve_serverkey = server_key.encode()
        self.socket.curve_publickey, self.socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
        self.socket.connect(endpoint)

    def close(self):
        self.socket.close()

    def send(self, **body):
        """send(open=pb.OpenRequest()) → the request's id."""
        request_id, self._next_id = self._next_id, self._next_id + 1
        self.socket.send(self._request_type(request_id=request_id, **body).SerializeToString())
        return request_id

    def receive(self, timeout_s):
        """The next reply, whichever request it belongs to, or None."""
        if not self.socket.poll(max(0, int(timeout_s * 1000))):
            return None
        return self._reply_type.FromString(self.socket.recv())

    def call(self, timeout_s=10.0, every_s=1.0, **body):
        """Sends and waits for the answer's body; asks again while there is none. Only for requests that may repeat."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            wanted, again = self.send(**body), time.monotonic() + every_s
            while (left := min(deadline, again) - time.monotonic()) > 0:
                reply = self.receive(left)
                if reply is not None and reply.request_id == wanted:
                    return self.body(reply)
        raise NoAnswer(f"{next(iter(body))}: no answer within {timeout_s} s")

    @staticmethod
    def body(reply):
        which = reply.WhichOneof("body")
        if which == "error":
            raise Refused(reply.error)
        return getattr(reply, which)


def make_event(fields):
    """{"event_id": "e-1", "kind": "RECEIVED", "channel": "ONLINE", …} → Event. Enum names go without prefix."""
    enums = {"kind": "KIND_", "channel": "CHANNEL_", "service_level": "SERVICE_LEVEL_", "petition_class": "PETITION_CLASS_"}
    values = {k: getattr(pb, enums[k] + v) if k in enums and isinstance(v, str) else v for k, v in fields.items()}
    return pb.Event(**values)


class Publisher:
    """Publishes the events of one source in order. One instance at a time: a second one fences the first."""

    def __init__(self, endpoint, server_key, keys, chunk=500, window=4, timeout_s=2.0):
        self.channel = Channel(endpoint, server_key, keys, pb.IntakeRequest, pb.IntakeReply)
        self.chunk, self.window, self.timeout_s = chunk, window, timeout_s
        self.max_bytes = 1 << 16   # of one Append, until intake says how much it takes
        self.epoch = self.next_sequence = 0
        self.position = Cut(0, 0)      # of the last event that is known to be journaled
        self.answers = collections.Counter()

    def close(self):
        self.channel.close()

    def open(self, timeout_s=30.0):
        """A new epoch: from here on nothing sent in an older one can still arrive."""
        granted = self.channel.call(timeout_s, open=pb.OpenRequest())
        self.epoch, self.next_sequence = granted.epoch, granted.next_sequence
        self.chunk, self.max_bytes = min(self.chunk, granted.max_events), granted.max_bytes
        return granted

    def append(self, first_sequence, events, timeout_s=10.0):
        """One Append, one answer: the protocol as it is."""
        request = pb.AppendRequest(epoch=self.epoch, first_sequence=first_sequence, events=events)
        return self.channel.call(timeout_s, append=request)

    def publish(self, events, deadline_s=60.0):
        """Gets all events journaled, except those that intake refuses. Returns the faults as (event, field, reason)."""
        if not self.epoch:
            self.open()
        outbox, first, faults = list(events), self.next_sequence, []   # outbox[i] has the sequence first + i
        deadline = time.monotonic() + deadline_s
        while outbox:
            if time.monotonic() > deadline:
                raise NoAnswer(f"{len(outbox)} events are not journaled after {deadline_s} s")
            try:
                journaled, invalid = self._send_window(outbox, first)
            except NotOpen as not_open:    # go on from wherever the restored journal is
                granted = self.open().next_sequence
                outbox = outbox[max(*not_open.args, granted) - first:]
                first, self.position = granted, Cut(0, 0)      # positions of another journal do not compare
                continue
            if invalid is not None:    # number the rest anew, in an epoch of its own
                bad, faulty = invalid
                journaled = max(journaled, self.open().next_sequence)
                faults += [(outbox[bad - first + i], field, reason) for i, field, reason in faulty]
                refused = {bad + i for i, _, _ in faulty}
                outbox = [e for n, e in enumerate(outbox, first) if n >= journaled and n not in refused]
            else:
                outbox = outbox[journaled - first:]
            first = self.next_sequence = journaled
        return faults

    def _send_window(self, outbox, first):
        """Keeps `window` Appends under way until all is acknowledged or something else is answered.

        Returns the first sequence that is not known to be journaled, and (first sequence, faults) of an INVALID."""
        journaled, sent, invalid, stalled, end = first, first, None, False, first + len(outbox)
        under_way = {}         # request_id → (first sequence, number of events)
        while journaled < end and not (stalled and not under_way):
            while not stalled and sent < end and len(under_way) < self.window:
                events = self._next_chunk(outbox, sent - first)
                request = pb.AppendRequest(epoch=self.epoch, first_sequence=sent, events=events)
                under_way[self.channel.send(append=request)] = (sent, len(events))
                sent += len(events)
            reply = self.channel.receive(self.timeout_s)
            if reply is None:
                self.answers["none"] += 1
                break          # unknown: the caller sends again, with the same numbers
            if reply.request_id not in under_way:
                continue       # the late answer to something sent twice
            begin, count = under_way.pop(reply.request_id)
            if reply.WhichOneof("body") == "error" and reply.error.code in TRY_AGAIN:
                stalled = True
                continue
            answer = Channel.body(reply)
            self.answers[pb.AppendResult.Name(answer.result)[len("APPEND_RESULT_"):]] += 1
            if answer.result in (pb.APPEND_RESULT_ACK, pb.APPEND_RESULT_DUPLICATE):
                journaled = max(journaled, begin + count)
                self.position = max(self.position, Cut(answer.cut.position, answer.cut.incarnation))
            elif answer.result == pb.APPEND_RESULT_NOT_OPEN:
                raise NotOpen(journaled)
            elif answer.result == pb.APPEND_RESULT_FENCED:
                raise Fenced()
            elif answer.result == pb.APPEND_RESULT_CONFLICT:
                raise Conflict(f"sequences {begin} to {begin + count - 1}")
            else:              # GAP, INVALID, BUSY, FULL: let the rest of the window come back, then go on
                stalled = True
                if answer.result == pb.APPEND_RESULT_INVALID and (invalid is None or begin < invalid[0]):
                    invalid = begin, [(f.index, f.field, f.reason) for f in answer.faults]
                elif answer.result in (pb.APPEND_RESULT_BUSY, pb.APPEND_RESULT_FULL) and not under_way:
                    self.channel.receive(0.02)
        return journaled, invalid

    def _next_chunk(self, outbox, begin):
        """As many events from outbox[begin] on as one Append takes."""
        end, left = begin, self.max_bytes - 64                           # the epoch and the first sequence
        while end < min(len(outbox), begin + self.chunk):
            left -= outbox[end].ByteSize() + 8                           # its tag and length
            if left < 0 and end > begin:
                break
            end += 1
        return outbox[begin:end]

    def put_catalogue(self, catalogue):
        return self.channel.call(30.0, every_s=10.0, put_catalogue=pb.PutCatalogueRequest(catalogue=catalogue))

    def status(self, timeout_s=10.0):
        return self.channel.call(timeout_s, status=pb.StatusRequest())


class Reporter:
    """Asks reporting."""

    def __init__(self, endpoint, server_key, keys):
        self.channel = Channel(endpoint, server_key, keys, pb.ReportingRequest, pb.ReportingReply)

    def close(self):
        self.channel.close()

    def run_report(self, form, unit, period, min_position=0, wait_ms=10_000, **more):
        """`period` is two inclusive dates as text. Waits until reporting has seen `min_position`, a Cut, or a number in
        reporting's own journal."""
        incarnation = getattr(min_position, "incarnation", None)
        if incarnation is None:
            incarnation = self.incarnation() if min_position else 0
        request = pb.RunReportRequest(form=form, unit=unit, period=pb.Period(**{"from": period[0], "to": period[1]}),
                                      min_position=min_position, min_incarnation=incarnation, wait_ms=wait_ms, **more)
        return self.channel.call(30.0, every_s=15.0, run_report=request)

    def incarnation(self, timeout_s=60.0):
        """Of the journal that reporting has a copy of; waits until it has one."""
        deadline = time.monotonic() + timeout_s
        while not (incarnation := self.channel.call(10.0, status=pb.StatusRequest()).cut.incarnation):
            if time.monotonic() > deadline:
                raise NoAnswer(f"reporting has no copy of the ledger after {timeout_s} s")
            time.sleep(0.05)
        return incarnation

    def list_dossiers(self, form, column, row, period, limit=1000, tree_at="", report_unit=""):
        """Every dossier behind the cell of `row` (a Row of the report), page by page. `report_unit`: the report's unit, for
        a row below it."""
        after = ""
        while True:
            page = self.channel.call(30.0, every_s=10.0, list_dossiers=pb.ListDossiersRequest(
                form=form, column=column, unit=row.unit, field=row.field, procedure=row.procedure, row=row.id,
                period=pb.Period(**{"from": period[0], "to": period[1]}), tree_at=tree_at, after=after, limit=limit,
                report_unit=report_unit))
            yield from page.lines
            after = page.next
            if not after:
                return

    def list_open(self, unit="", state=pb.OPEN_STATE_PROCESSING, limit=1000, **more):
        """Every dossier that is open, page by page: more = {"days": 1} or {"all": True}."""
        for page in self._open_pages(pb.ListOpenRequest(unit=unit, state=state, limit=limit, **more)):
            yield from page.lines

    def count_open(self, unit="", state=pb.OPEN_STATE_PROCESSING, **more):
        """{unit: how many}, in the catalogue's order."""
        counts = {}
        for page in self._open_pages(pb.ListOpenRequest(unit=unit, state=state, count=True, **more)):
            for line in page.counts:
                counts[line.unit] = counts.get(line.unit, 0) + line.count
        return counts

    def _open_pages(self, request):
        while True:
            page = self.channel.call(30.0, every_s=10.0, list_open=request)
            yield page
            request.after = page.next
            if not page.next:
                return

    def quality(self, kind=0, unit="", limit=1000):
        """Every finding, page by page."""
        after = ""
        while True:
            page = self.channel.call(30.0, every_s=10.0, quality=pb.QualityRequest(
                kind=kind, unit=unit, after=after, limit=limit))
            yield from page.findings
            after = page.next
            if not after:
                return

    def list_forms(self, lang=""):
        return self.channel.call(list_forms=pb.ListFormsRequest(lang=lang)).forms

    def list_units(self, unit="", at="", **more):
        return self.channel.call(list_units=pb.ListUnitsRequest(unit=unit, at=at, **more)).units

    def get_catalogue(self):
        return self.channel.call(get_catalogue=pb.GetCatalogueRequest())

    def status(self, timeout_s=10.0):
        return self.channel.call(timeout_s, status=pb.StatusRequest())


def cells(report):
    """{row's unit: {column id: number, or (n, d, text)}} of a report's rows for whole units."""
    def value(cell):
        return cell.number if cell.WhichOneof("value") != "ratio" else (cell.ratio.n, cell.ratio.d, cell.ratio.text)
    ids = [column.id for column in report.columns]
    return {row.unit: dict(zip(ids, map(value, row.cells))) for row in report.rows if row.kind == pb.ROW_KIND_UNIT}
