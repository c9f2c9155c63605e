//go:build unix

package main

import "golang.org/x/sys/unix"

// Niceness is that of setpriority(2), from 0 to 19. With 5 a process has a quarter of a core that another one
// wants, too, with 19 a sixtieth.
const (
	niceness = 5
	nicest   = 19
)

// yieldToOthers gives this process a low priority. The process gets a group of its own: on Linux a priority is
// that of a thread, and that of a group the one of all threads in it. And so what is typed at a terminal to
// stop the server, such as Control-C, does not stop its hashing before it.
func yieldToOthers() {
	if unix.Setpgid(0, 0) == nil { // it fails in a process that leads a session
		_ = unix.Setpriority(unix.PRIO_PGRP, 0, niceness)
	}
}
