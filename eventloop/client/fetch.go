package client

import (
	"context"
	"sync"
)

// fetched is what Config.Password has given.
type fetched struct {
	password string
	err      error
}

// prepareFetch makes a.fetch ask Config.Password in the background. What it gives
// comes through results; stop ends it and waits for its goroutine.
func (a *App) prepareFetch() (results <-chan fetched, stop func()) {
	c := make(chan fetched)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	a.fetch = func() {
		wg.Go(func() {
			password, err := a.cfg.Password(ctx)
			select {
			case c <- fetched{password, err}:
			case <-ctx.Done():
			}
		})
	}
	return c, func() {
		cancel()
		wg.Wait()
	}
}
