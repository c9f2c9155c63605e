package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// A server has passwords hashed by a process of low priority, which lives as long as the server does: whoever
// stops it or kills it before has stopped nobody's login.
func TestServeHashesInAnotherProcess(t *testing.T) {
	s := serveIn(t, t.TempDir(), nil, "127.0.0.1:0")
	if pid := hasherOf(t, s.Process.Pid); pid != 0 {
		t.Errorf("process %d runs before there was a password", pid)
	}
	carol := converse(t, s.addrs[0])
	carol.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "carol"}, Extended: true, Ref: "login", Password: "four words in a row", Register: true})
	carol.answer("login")
	hasher := hasherOf(t, s.Process.Pid)
	if hasher == 0 {
		t.Fatal("no process hashes")
	}
	for thread, has := range prioritiesOf(t, hasher) {
		if want := "niceness 5, policy 0"; has != want {
			t.Errorf("%s has %s, want %s", thread, has, want)
		}
	}
	again := func(what string) {
		t.Helper()
		for password, want := range map[string]protocol.Code{"five words in a row": protocol.WrongCredentials, "four words in a row": ""} {
			if got := logIn(t, s.addrs[0], "carol", password); got.Code != want {
				t.Errorf("%s, the password %s is answered with %+v", what, password, got)
			}
		}
	}
	again("with the process")
	for _, stop := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if err := syscall.Kill(hasher, stop); err != nil {
			t.Fatal(err)
		}
	}
	again("when the process was told to stop")
	if pid := hasherOf(t, s.Process.Pid); pid != hasher {
		t.Errorf("then process %d hashes, and %d did before", pid, hasher)
	}
	if err := syscall.Kill(hasher, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	again("when the process was killed")
	another := hasherOf(t, s.Process.Pid)
	if another == 0 || another == hasher {
		t.Errorf("then process %d hashes, and %d did before", another, hasher)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait() // for all who write to its standard error
	for late := time.Now().Add(deadline); syscall.Kill(another, 0) == nil; {
		if time.Now().After(late) {
			t.Fatal("the process goes on without the server")
		}
	}
	if strings.Contains(s.log.String(), "hashed by the server itself") {
		t.Errorf("the log says %s", s.log)
	}
}

// While it hashes without a pause, all others come before it.
func TestHashingGivesWayInARush(t *testing.T) {
	s := serveIn(t, t.TempDir(), nil, "127.0.0.1:0")
	carol := converse(t, s.addrs[0])
	carol.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "carol"}, Extended: true, Ref: "login", Password: "four words in a row", Register: true})
	carol.answer("login")
	givesWay := func() bool {
		hasher := hasherOf(t, s.Process.Pid) // another one, if the first was left no time to answer
		if hasher == 0 {
			return false
		}
		priorities := prioritiesOf(t, hasher)
		for _, has := range priorities {
			if has != lastOfAll {
				return false
			}
		}
		return len(priorities) > 0
	}
	stop := make(chan struct{})
	var crowd sync.WaitGroup
	defer func() {
		close(stop)
		_ = s.Process.Kill() // nobody waits for the last answer
		_ = s.Wait()
		crowd.Wait()
	}()
	for range 4 { // so that there is always somebody to be let in
		crowd.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if c, err := net.Dial("tcp", s.addrs[0]); err == nil {
					fmt.Fprintln(c, `{"request":"login","content":"carol","password":"four words in a row"}`)
					_, _ = bufio.NewReader(c).ReadBytes('\n')
					c.Close()
				}
			}
		})
	}
	for late := time.Now().Add(3 * deadline); !givesWay(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("it has %v", prioritiesOf(t, hasherOf(t, s.Process.Pid)))
		}
	}
}

// hasherOf returns the process that hashes for a server, or 0.
func hasherOf(t *testing.T, server int) int {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		stat, err := procStat(process)
		if err != nil {
			continue // it has ended
		}
		command, _ := os.ReadFile(process + "/cmdline")
		if stat[1] == strconv.Itoa(server) && string(command) == "parley\x00"+hashPasswords+"\x00" {
			pid, _ := strconv.Atoi(filepath.Base(process))
			return pid
		}
	}
	return 0
}

// lastOfAll is the priority of a thread that gives way to all others.
const lastOfAll = "niceness 19, policy 5"

// prioritiesOf returns the priority of each thread of a process.
func prioritiesOf(t *testing.T, pid int) map[string]string {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	priorities := make(map[string]string)
	for _, thread := range threads {
		if has, err := priorityOf(thread); err == nil { // or it has ended
			priorities[thread] = has
		}
	}
	return priorities
}

// priorityOf returns the niceness and the policy of a thread, whose folder is given. They are those of
// sched(7): policy 0 is SCHED_OTHER, 5 is SCHED_IDLE.
func priorityOf(folder string) (string, error) {
	stat, err := procStat(folder)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("niceness %s, policy %s", stat[16], stat[38]), nil
}

// procStat returns what proc_pid_stat(5) has of a process or thread, whose folder is given: from its state, which is
// the third, on.
func procStat(folder string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])), nil
}
