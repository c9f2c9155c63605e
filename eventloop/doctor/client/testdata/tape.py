#!/usr/bin/env python3
"""Has the driver examine clients that are recordings: tape.py DRIVER TRANSCRIPT

The driver (drive_client.py) is run as it is, once for each section "client ..." of the
transcript, with the modules that it uses for sockets, threads and time, its terminal and
its words replaced: its server reads what the client sent then, its clock is that of the
recording, and the words it makes up are those it made up then. So it judges the recorded
requests with its own code. It must say again exactly what it said when the transcript
was written; otherwise tape.py ends with an error that says where they part.

A transcript does not hold the screen, but it tells what the driver saw on it: the driver
goes on as soon as it sees a text, and a text that is not shown costs it all the time it
waits for one. Where nothing comes behind a text, neither can be told, and that point and
those behind it are left out.

Prints one JSON object: {section: [{"name", "verdict", "detail"}, ...], ...}, with the
verdicts PASS, FAIL, NOTE and LEFT OUT. Python 3 standard library only.
"""
import argparse
import contextlib
import importlib.util
import io
import json
import re
import sys
import threading

WAIT = 0.8  # seconds for which the driver waited for a request or a text
SLACK = 0.04  # seconds by which the tape's clock may be ahead of the recording
EARLY = 0.2  # seconds that the machine and the client of a recording may have taken, and the tape does not
LEFT_OUT = 'LEFT OUT'
LIMIT = 1200  # bytes of a write that a transcript keeps
WORD = re.compile(r'((?<![a-z])(?:hezq|byzq|unzq|otzq|hiz|hjz|anna|bert|carl|lvz|own|gla|glb|brc|quo|end)|(?<=00e6r)uni|(?<=: ")u)([a-z]{6})(?![a-z])')
SECTION = re.compile(r'client, dialect ([\w-]+)(?: \(with (.*)\))?')


class Strayed(Exception):
    """The driver did something else than when it was recorded."""


class Tape:
    """The lines of one section. Stands in for the driver's modules socket, threading and
    time, for its listening socket and its connection, and for its transcript. The driver
    and its server have a thread each, of which one runs at a time: the server's when the
    client has sent something, until it reads again."""

    SOL_SOCKET = SO_REUSEADDR = IPPROTO_TCP = TCP_NODELAY = SHUT_RDWR = 0
    Lock = contextlib.nullcontext

    def __init__(self, lines):
        self.lines, self.next, self.now = lines, 0, 0.0
        self.reader, self.blind, self.failed = None, False, None
        self.turn = {True: threading.Semaphore(0), False: threading.Semaphore(0)}  # to run, of the server or the driver
        self.words = {}  # by what they begin with
        for line in lines:
            for prefix, word in WORD.findall(line.get('bytes', '')):
                if word not in self.words.setdefault(prefix, []):
                    self.words[prefix].append(word)
        self.words['hezq'].reverse()  # that of the help, which is asked for before the login, was made behind the login's

    # ------------------------------------------------------------ sockets
    def socket(self):
        return self

    def getsockname(self):
        return '', 0

    def setsockopt(self, *option):
        pass

    bind = listen = close = shutdown = sendall = setsockopt

    def accept(self):
        if self.reader:
            raise OSError('one connection was recorded')
        return self, None

    def recv(self, size):
        """Gives the turn away until the client has sent something, or has closed."""
        self.turn[False].release()
        self.turn[True].acquire()
        return self.lines[self.next].get('bytes', '').encode('latin-1')

    # ------------------------------------------------------------ threads and time
    def Thread(self, target, args=(), daemon=True):
        self.target, self.args = target, args
        return self

    def start(self):
        if self.args:  # it reads the connection
            self.reader = threading.Thread(target=self.read, args=(self.target,) + self.args, daemon=True)
            self.reader.start()
            self.turn[False].acquire()
        else:
            self.accepts = self.target

    def read(self, target, *args):
        try:
            target(*args)
        except Exception as e:
            self.failed = e
        self.turn[False].release()

    def Condition(self):
        return Condition(self)

    def time(self):
        return self.now

    def strftime(self, form, of=None):
        """The time that stands in what was said then."""
        line = self.lines[min(self.next, len(self.lines) - 1)]
        stamps = re.findall(r'\d\d-\d\d-\d{4} \d\d:\d\d:\d\d', line.get('bytes', ''))
        return stamps[0] if stamps else ''

    def gmtime(self):
        pass

    def sleep(self, seconds):
        end = self.now + seconds
        while threading.current_thread() is not self.reader and self.deliver(end):
            pass
        self.now = max(self.now, end)

    def deliver(self, end):
        """Has the server take what the client did next, if it was until then."""
        line = self.lines[self.next] if self.next < len(self.lines) else None
        if line is None or line['t'] > end or line.get('dir') == 'server->client':
            return False
        self.now = max(self.now, line['t'])
        if line.get('note') == 'connection 1 accepted':
            self.accepts()
            return True
        self.turn[True].release()
        self.turn[False].acquire()
        if self.failed:
            raise self.failed
        return True

    # ------------------------------------------------------------ the transcript
    def add(self, conn, direction, data):
        what = {'conn': conn, 'dir': direction, 'bytes': data[:LIMIT].decode('latin-1')}
        if len(data) > LIMIT:
            what['cut_from'] = len(data)
        self.did(what)

    def note(self, text):
        if text.startswith('connection '):  # the others are the driver's verdicts
            self.did({'note': text})

    def did(self, what):
        line = self.lines[self.next] if self.next < len(self.lines) else {'t': self.now}
        if {k: v for k, v in line.items() if k != 't'} != what:
            raise Strayed('at %.3f s: recorded is %s, the driver has %s' % (self.now, line, what))
        if not line['t'] - EARLY < self.now < line['t'] + SLACK:
            raise Strayed('at %.3f s the driver does what was recorded at %.3f s: %s' % (self.now, line['t'], what))
        self.now = max(self.now, line['t'])
        self.next += 1

    def tok(self, prefix):
        """A word that the driver made up then. What was not recorded of them may be any."""
        words = self.words.get(prefix or 'u')  # the client's name is a u and a word without a prefix
        return prefix + (words.pop(0) if words else 'unsaid')


class Condition(contextlib.nullcontext):
    def __init__(self, tape):
        super().__init__()
        self.tape = tape

    def wait(self, seconds):
        end = self.tape.now + seconds
        if not self.tape.deliver(end):
            self.tape.now = end

    def notify_all(self):
        pass


class Term:
    """The client's terminal, of which is known what the driver saw on it."""

    def __init__(self, tape):
        self.tape = tape

    def type(self, line, end):
        pass  # what the client did with it was recorded

    def mark(self):
        return 0

    def text(self, since=0):
        return ''

    def alive(self):
        return True

    def sees(self, text, since=0, seconds=WAIT):
        """Whether the driver went on before it had waited all the time for a text."""
        tape = self.tape
        if all(line.get('note') for line in tape.lines[tape.next:]):
            tape.blind = True
            return False
        if tape.lines[tape.next]['t'] < tape.now + seconds:
            return True  # the driver waited no longer
        tape.now += seconds
        return False

    def kill(self):
        while self.tape.deliver(float('inf')):
            pass


def judge(module, section, lines):
    """What the driver says of the lines of a section."""
    tape = Tape(lines)
    module.socket = module.threading = module.time = tape
    module.tok = tape.tok
    module.Transcript = lambda path, head: tape
    module.Term = lambda *arguments: Term(tape)
    hard = 'uni' in tape.words  # with the texts that are hard to read, an unknown word was typed, too
    first = next(line for line in lines if line.get('dir') == 'client->server')

    class Drive(module.Drive):
        def ok(self, name, good, detail=''):
            if not tape.blind:
                return super().ok(name, good, detail)
            self.res.append((name, None, LEFT_OUT))

    run = Drive(argparse.Namespace(
        set=[section[2]] if section[2] else None, wait=WAIT, start_delay=first['t'] - lines[0]['t'] - SLACK, connect_wait=8,
        login='login', msg='msg', names='names', help_cmd='help', logout='logout', unknown='unknown' if hard else None, long=hard, no_hard=not hard,
        early=False, unicode=False, help_late=False, prelude=None, name=None, enter='', key_delay=0, quiet=True,
        cmd=[], env=None, cwd=None, rows=0, cols=0, term='', transcript=None, show=False, screen_dir=None), section[1])
    results = run.run()
    if tape.next < len(lines):
        raise Strayed('at %.3f s the driver ends, recorded is %s' % (tape.now, lines[tape.next]))
    verdicts = {True: 'PASS', False: 'FAIL', None: 'NOTE'}
    return [{'name': name, 'verdict': LEFT_OUT if detail == LEFT_OUT else verdicts[good], 'detail': detail} for name, good, detail in results]


def main(path, transcript):
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location('drive_client', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sections, lines = {}, []
    with open(transcript) as f:
        for line in map(json.loads, f):
            if 'section' in line:
                section = SECTION.fullmatch(line['section'])
                lines = sections.setdefault(section, []) if section else []
            else:
                lines.append(line)
    json.dump({section[1]: judge(module, section, lines) for section, lines in sections.items()}, sys.stdout)


main(*sys.argv[1:])
