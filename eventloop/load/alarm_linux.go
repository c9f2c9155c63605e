package load

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarmReach is how long an alarm waits at most; longer waits go before it.
const alarmReach = 5 * time.Millisecond

// An alarm waits exactly. Go's timers are up to a millisecond late in a process
// that has nothing else to do, since they round up what they tell epoll_wait(2); that
// would be most of what a fast server takes. A real timer is the alarm's job, so
// it does not ask the clock.
type alarm struct {
	file *os.File // a timerfd, nil if there is none to be had
}

func newAlarm() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return alarm{}
	}
	return alarm{os.NewFile(uintptr(fd), "timerfd")}
}

func (a alarm) close() {
	if a.file != nil {
		a.file.Close()
	}
}

func (a alarm) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	if a.file == nil {
		<-time.After(d)
		return
	}
	raw, err := a.file.SyscallConn()
	if err != nil {
		return
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if raw.Control(func(fd uintptr) { err = unix.TimerfdSettime(int(fd), 0, &spec, nil) }) != nil || err != nil {
		return
	}
	var expirations [8]byte
	_, _ = a.file.Read(expirations[:])
}
