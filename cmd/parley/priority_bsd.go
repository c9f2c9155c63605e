//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// yieldToAll gives this process the lowest priority, which it cannot give back.
func yieldToAll() { _ = unix.Setpriority(unix.PRIO_PGRP, 0, nicest) }
