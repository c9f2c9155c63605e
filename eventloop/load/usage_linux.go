package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ, which is 100 on every
// architecture that Go runs on.
const tick = 10 * time.Millisecond

// ProcessUsage returns what a process has used, by proc(5). CPU time is exact to
// 10 ms.
func ProcessUsage(pid int) (u Usage, err error) {
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
	u.CPU = time.Duration(number(14)+number(15)) * tick
	u.Memory = number(24) * int64(os.Getpagesize())
	return u, nil
}
