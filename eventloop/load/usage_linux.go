package load

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ, which is 100 on every
// architecture that Go runs on.
const tick = 10 * time.Millisecond

// ProcessUsage returns what a process has used with those it has started, by proc(5): a server
// hashes passwords in a process of its own. CPU time is exact to 10 ms for each.
func ProcessUsage(pid int) (u Usage, err error) {
	if u, err = usageOf(pid); err != nil {
		return u, err
	}
	for _, child := range children(pid) {
		if of, err := ProcessUsage(child); err == nil { // else it has ended by now
			u.CPU += of.CPU
			u.Memory += of.Memory
		}
	}
	return u, nil
}

// children returns the processes that one has started and that have not ended. It is none where
// the kernel does not tell.
func children(pid int) (all []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // of each thread
	for _, list := range lists {
		b, _ := os.ReadFile(list) // the thread may have ended
		for _, field := range bytes.Fields(b) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

// usageOf returns what a process has used with those it has started that have ended.
func usageOf(pid int) (u Usage, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("process %d cannot be looked at: %w", pid, err)
	}
	name := bytes.LastIndexByte(stat, ')') // the second field, which may hold anything
	fields := bytes.Fields(stat[name+1:])
	if name < 0 || len(fields) < 22 {
		return u, fmt.Errorf("process %d cannot be looked at: /proc/%d/stat is not as expected", pid, pid)
	}
	number := func(field int) int64 {
		n, _ := strconv.ParseInt(string(fields[field-3]), 10, 64)
		return n
	}
	u.CPU = time.Duration(number(14)+number(15)+number(16)+number(17)) * tick
	u.Memory = number(24) * int64(os.Getpagesize())
	return u, nil
}
