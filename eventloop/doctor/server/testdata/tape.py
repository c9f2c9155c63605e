#!/usr/bin/env python3
"""Has the probe examine a server that is a recording: tape.py PROBE TRANSCRIPT

The probe (probe_server.py) is run as it is, once for each of its groups that the
transcript has, with three of its modules replaced: its sockets read what was recorded,
its clock is that of the recording, and the words it makes up are those it made up then.
So it judges the recorded bytes with its own code. It must do again exactly what it did
when the transcript was written, write by write and read by read; otherwise tape.py
ends with an error that says where they part.

Prints one JSON object: {group: [{"name", "verdict", "detail"}, ...], ...}, with the
verdicts PASS, FAIL and NOTE. Python 3 standard library only.
"""
import argparse
import contextlib
import importlib.util
import io
import json
import re
import sys

WORK = 0.0001  # seconds that the probe's own work takes between two looks at the clock
SLACK = 0.04  # seconds by which the machine of a recording may have been late
SECTION = re.compile('server, probe group (.*)')
CLOSED = re.compile(r'connection (\d+) closed by server')
WORD = re.compile(rb'"content": "[a-z]*([a-z]{6})"')


class Strayed(Exception):
    """The probe did something else than when it was recorded."""


class Tape:
    """The lines of one group. Stands in for the probe's modules select, socket and time,
    for its transcript, and for what it makes words with."""

    IPPROTO_TCP = TCP_NODELAY = SOL_SOCKET = SO_LINGER = 0

    def __init__(self, lines):
        self.lines, self.next, self.now, self.opened = lines, 0, 0.0, 0
        self.words = []
        for line in lines:
            if line.get('dir') == 'probe->server':
                for word in WORD.findall(line['bytes'].encode('latin-1')):
                    if word.decode() not in self.words:
                        self.words.append(word.decode())

    def rnd(self, n=6):
        return self.words.pop(0)

    def time(self):
        self.now += WORK
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def create_connection(self, address, timeout=None):
        if not any(line.get('note', '').endswith('opened') for line in self.lines[self.next:]):
            raise ConnectionRefusedError('no connection was recorded any more')
        self.opened += 1
        return Socket(self, self.opened)

    def select(self, sockets, writers, others, wait):
        if self.brings(sockets[0].id) and self.lines[self.next]['t'] <= self.now + wait + SLACK:
            return sockets, [], []
        self.now += wait
        return [], [], []

    def brings(self, conn):
        """Whether the next thing that was recorded is a read of a connection, or its end."""
        if self.next == len(self.lines):
            return False
        line = self.lines[self.next]
        end = CLOSED.fullmatch(line.get('note', ''))
        return line.get('dir') == 'server->probe' and line['conn'] == conn or end is not None and int(end[1]) == conn

    def add(self, conn, direction, data):
        self.did({'conn': conn, 'dir': direction, 'bytes': data.decode('latin-1')})

    def note(self, text):
        if text.startswith('connection '):  # the others are the probe's verdicts
            self.did({'note': text})

    def did(self, what):
        line = self.lines[self.next] if self.next < len(self.lines) else {'t': self.now}
        if {k: v for k, v in line.items() if k != 't'} != what:
            raise Strayed('at %.3f s: recorded is %s, the probe has %s' % (self.now, line, what))
        self.now = max(self.now, line['t'])
        self.next += 1

    def close(self):
        if self.next < len(self.lines):
            raise Strayed('at %.3f s the probe ends, recorded is %s' % (self.now, self.lines[self.next]))


class Socket:
    def __init__(self, tape, number):
        self.tape, self.id = tape, number

    def recv(self, size):
        return self.tape.lines[self.tape.next].get('bytes', '').encode('latin-1')

    def sendall(self, data):
        pass  # the probe's transcript has had it

    def setsockopt(self, *option):
        pass

    settimeout = close = setsockopt


def judge(module, group, lines):
    """What the probe says of the lines of a group."""
    tape = Tape(lines)
    module.select = module.socket = module.time = tape
    module.rnd = tape.rnd
    module.Conn.count = 0
    points = None
    if group == 'two_requests_glued':  # of the group framing this point alone was recorded
        group, points = 'framing', group
    probe = module.Probe(argparse.Namespace(host='', port=0, timeout=0.9, gap=0.05, only=group, skip=None, core=False,
                                            points=points, transcript=None))
    probe.tr = tape
    probe.first = tape.create_connection(None)
    with contextlib.redirect_stdout(io.StringIO()):
        probe.run()
    return [dict(zip(('name', 'verdict', 'detail'), r)) for r in probe.results]


def main(path, transcript):
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location('probe_server', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    groups, lines = {}, []
    with open(transcript) as f:
        for line in map(json.loads, f):
            if 'section' in line:
                group = SECTION.fullmatch(line['section'])
                lines = groups.setdefault(group[1], []) if group else []
            else:
                lines.append(line)
    json.dump({group: judge(module, group, lines) for group, lines in groups.items()}, sys.stdout)


main(*sys.argv[1:])
