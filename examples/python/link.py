# SPDX-License-Identifier: Apache-2.0
"""What the examples share: the way to a service, from client.conf and the generated messages alone.

    protoc -I proto --python_out=examples/python proto/hoso/v1/*.proto
"""
import configparser
import pathlib
import sys
import time

import zmq
from hoso.v1 import common_pb2

TRY_AGAIN = (common_pb2.ERROR_CODE_NOT_READY, common_pb2.ERROR_CODE_BUSY, common_pb2.ERROR_CODE_UNAVAILABLE)
ANSWER_BYTES_MAX = 32 << 20


def read_settings(path):
    """`name = value` lines, as in client.conf and in key files; hoso.conf(5)."""
    parser = configparser.ConfigParser(delimiters="=", inline_comment_prefixes=";", interpolation=None)
    parser.read_string("[file]\n" + pathlib.Path(path).read_text(encoding="utf-8"))
    return parser["file"]


def curve_socket(kind, endpoint, server_key, keys):
    """Connects by itself, and again whenever the connection is lost."""
    socket = zmq.Context.instance().socket(kind)
    for option, value in ((zmq.LINGER, 0), (zmq.TCP_KEEPALIVE, 1), (zmq.TCP_KEEPALIVE_IDLE, 60),
                          (zmq.MAXMSGSIZE, ANSWER_BYTES_MAX)):
        socket.setsockopt(option, value)
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey, socket.curve_secretkey = keys["public"].encode(), keys["secret"].encode()
    socket.connect(endpoint)
    return socket


class Link:
    """Requests to one service, and its answers."""

    def __init__(self, config_path, service, request_type, reply_type):
        config = read_settings(config_path)
        self.endpoint, self.server_key = config[service], config[f"{service}_key"]
        self.keys = read_settings(pathlib.Path(config_path).parent / config["key"])
        self.request_type, self.reply_type = request_type, reply_type
        self.socket, self.last_id = None, 0
        self.reconnect()

    def reconnect(self):
        """A new socket: what waits in the old one, and answers that are still on their way to it, are gone."""
        if self.socket is not None:
            self.socket.close(linger=0)
        self.socket = curve_socket(zmq.DEALER, self.endpoint, self.server_key, self.keys)

    def send(self, **body):
        """send(append=AppendRequest(…)) → the request's id."""
        self.last_id += 1
        self.socket.send(self.request_type(request_id=self.last_id, **body).SerializeToString())
        return self.last_id

    def receive(self, timeout_s):
        """The next answer, whichever request it belongs to; None if none comes."""
        if not self.socket.poll(max(0, int(timeout_s * 1000))):
            return None
        return self.reply_type.FromString(self.socket.recv())

    def ask(self, timeout_s=30.0, **body):
        """The body of the answer to a request that may be repeated, which it is while there is none."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            sent, until = self.send(**body), time.monotonic() + min(left, 5.0)
            while (reply := self.receive(until - time.monotonic())) is not None and reply.request_id != sent:
                pass                                       # the late answer to something else
            if reply is None:
                self.reconnect()
            elif reply.WhichOneof("body") != "error":
                return getattr(reply, reply.WhichOneof("body"))
            elif reply.error.code in TRY_AGAIN:
                time.sleep(0.2)
            else:
                sys.exit(" ".join(filter(None, (self.endpoint, reply.error.field, reply.error.text))))
        sys.exit(f"{self.endpoint} did not answer in {timeout_s:.0f} s: is it right, and the server's key, and is ours registered?")
