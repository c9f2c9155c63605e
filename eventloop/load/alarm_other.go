//go:build !linux

package load

import "time"

// alarmReach is how long an alarm waits at most; longer waits go before it.
const alarmReach = 0

// An alarm has nothing to add to the clock here.
type alarm struct{}

func newAlarm() alarm              { return alarm{} }
func (alarm) close()               {}
func (alarm) wait(d time.Duration) {}
