package outgoing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

const (
	// maxHeader is how many bytes the head of an answer may have, and maxBody how much of an
	// answer is read so that its connection can be used again.
	maxHeader = 16 << 10
	maxBody   = 4 << 10

	// idleTimeout is how long a connection is kept on which nothing is sent.
	idleTimeout = 90 * time.Second

	// restTimeout is how long the rest of an answer may take, of which nothing is wanted.
	restTimeout = time.Second
)

var (
	errGone  = errors.New("the receiver is gone")
	errOther = errors.New("that is another machine than this one, which parley serve --hook-urls-anywhere allows")
)

// newClient returns a client that goes to this machine only, or anywhere.
func newClient(anywhere bool) *http.Client {
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !anywhere && !to.Addr().Unmap().IsLoopback() {
			return errOther
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1, IdleConnTimeout: idleTimeout, MaxResponseHeaderBytes: maxHeader, DisableCompression: true},
		// What was meant for one receiver is not taken to another one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends a body, and returns nil if the receiver has acknowledged it. With an error it
// returns for how long the receiver asks not to be tried, if it does.
func (h *hook) post(ctx context.Context, id string, body []byte) (retry time.Duration, _ error) {
	ctx, cancel := context.WithTimeout(ctx, h.sender.cfg.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the URL is none")
	}
	now := time.Now()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Parley")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", sign(h.key, id, now.Unix(), body))
	answer, err := h.sender.client.Do(r)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer answer.Body.Close()
	defer time.AfterFunc(restTimeout, cancel).Stop()
	_, _ = io.CopyN(io.Discard, answer.Body, maxBody)
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300:
		return 0, nil
	case status == http.StatusGone:
		return 0, errGone
	default:
		return retryAfter(answer.Header.Get("Retry-After"), now), fmt.Errorf("the receiver answers with the status %d", status)
	}
}

// withoutURL returns what has failed without the URL, which may have a secret in it.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// retryAfter returns how long a receiver asks to wait: a number of seconds, or a time (RFC
// 9110, section 10.2.3); 0 if it says nothing that is known.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
