package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"parley/eventloop"
)

// A manager is what has started the process and looks after it, such as systemd, if it
// wants to be told how the process does (sd_notify(3)); else nobody is told anything.
type manager struct{ log *slog.Logger }

// tell sends one message of some lines.
func (m manager) tell(lines ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		m.log.Warn("the service manager cannot be told how the server does", "error", err)
	}
}

// ready tells that clients can connect.
func (m manager) ready(status string) { m.tell(daemon.SdNotifyReady, "STATUS="+status) }

// reloading tells that settings are read again while it is done.
func (m manager) reloading(reload func()) {
	m.tell(daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec()))
	reload()
	m.tell(daemon.SdNotifyReady)
}

// closingTime is what may be left to do, such as to close a file, when the loops have ended.
const closingTime = 5 * time.Second

// stopping tells that the server ends, and how long that may take.
func (m manager) stopping(drain time.Duration) {
	most := max(drain, eventloop.LastWordsTime) + eventloop.DefaultSettleTimeout + closingTime
	m.tell(daemon.SdNotifyStopping, "STATUS=Draining: everybody is told when to come back", "EXTEND_TIMEOUT_USEC="+strconv.FormatInt(most.Microseconds(), 10))
}

// watch tells again and again that the server lives, until ctx ends, if the manager has
// asked for that. alive has a function called when all of its loops have turned: one that
// hangs is not told to live, and the manager starts the server anew.
func (m manager) watch(ctx context.Context, alive func(func())) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		m.log.Warn("the watchdog of the service manager is not told anything", "error", err)
	}
	if interval <= 0 {
		return
	}
	go func() {
		tick := time.NewTicker(interval / 2)
		defer tick.Stop()
		turned := make(chan struct{}, 1)
		for asked := false; ; {
			select {
			case <-ctx.Done():
				return
			case <-turned:
				asked = false
				m.tell(daemon.SdNotifyWatchdog)
			case <-tick.C:
				if !asked {
					asked = true
					alive(func() { turned <- struct{}{} })
				}
			}
		}
	}()
}

// handedOver returns the sockets that a service manager has opened for the server
// (sd_listen_fds(3)), by their names. That one is not listened with is a mistake in the
// settings of one of the two.
func handedOver(log *slog.Logger, addrs []string) []*os.File {
	sockets := activation.Files(true)
	for _, f := range sockets {
		if !slices.Contains(addrs, "systemd:"+f.Name()) {
			log.Warn("a socket was handed over with which nothing listens: use --listen, --tls-listen, --proxy-listen or --proxy-tls-listen", "address", "systemd:"+f.Name())
		}
	}
	return sockets
}
