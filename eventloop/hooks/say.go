package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"parley/protocol"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// maxBody is how many bytes a body may have: a text with every byte escaped, six bytes for
// each, and some.
const maxBody = 8 * protocol.MaxText

// retryStorage is how long to wait until a storage that fails may be tried again.
const retryStorage = 5 * time.Second

// A refusal is why nothing was said.
type refusal struct {
	status int
	words  string
	after  time.Duration // when to try again; 0: that is not said
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, words: fmt.Sprintf(format, args...)}
}

// say answers a request.
func (h *Listener) say(w http.ResponseWriter, r *http.Request, srv Server) {
	w.Header().Set("Cache-Control", "no-store")
	number, why := h.carryOut(w, r, srv)
	if why != nil {
		if why.after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((why.after+time.Second-1)/time.Second)))
		}
		http.Error(w, why.words, why.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"id\":%d}\n", number)
}

// carryOut returns the number of what was said.
func (h *Listener) carryOut(w http.ResponseWriter, r *http.Request, srv Server) (number uint64, why *refusal) {
	text, why := readText(w, r, srv.MaxText())
	if why != nil {
		return 0, why
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > protocol.MaxTag || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return 0, refuse(http.StatusBadRequest, "An Idempotency-Key has at most %d characters of ASCII.", protocol.MaxTag)
	}
	token := command.TokenID(r.PathValue("token"))
	if wait := h.paces.take(token); wait > 0 {
		return 0, &refusal{http.StatusTooManyRequests, "Too many messages: wait and send that again.", wait}
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	results, err := srv.Propose(ctx, []command.Command{&command.HookMessage{Token: token, ID: key, Text: text}})
	switch {
	case errors.Is(err, log.ErrFailing), errors.Is(err, log.ErrBusy):
		return 0, &refusal{http.StatusServiceUnavailable, "The server cannot keep that now. Send it again later.", retryStorage}
	case err != nil:
		return 0, &refusal{http.StatusServiceUnavailable, "It is not known whether that is said. Send it again with the same Idempotency-Key, which says it once.", retryStorage}
	}
	h.paces.note(token, !errors.Is(results[0].Err, state.ErrNoHook))
	return results[0].Number, refusalOf(results[0])
}

// refusalOf is why the server has not said something; nil: it has.
func refusalOf(r state.Result) *refusal {
	switch {
	case r.Err == nil:
		return nil
	case errors.Is(r.Err, state.ErrNoHook):
		return refuse(http.StatusNotFound, "There is no such hook, or its room has ended. Whoever runs the server makes one with: parley hook add ROOM NAME")
	case errors.Is(r.Err, state.ErrMuted):
		return refuse(http.StatusForbidden, "The hook is muted%s", because(r.Sanction))
	case errors.Is(r.Err, state.ErrBanned):
		return refuse(http.StatusForbidden, "The hook is banned%s", because(r.Sanction))
	case errors.Is(r.Err, state.ErrSlow):
		return &refusal{http.StatusTooManyRequests, "The room is slow: wait and send that again.", max(r.Wait, 1)}
	case errors.Is(r.Err, state.ErrReused):
		return refuse(http.StatusUnprocessableEntity, "That Idempotency-Key was used for another text. Send this one with a key of its own.")
	}
	return refuse(http.StatusInternalServerError, "The server has refused that: %s.", r.Err)
}

func because(v *state.Sanction) string {
	if v == nil || v.Why == "" {
		return "."
	}
	return ": " + protocol.EndSentence(v.Why)
}

// readText reads what is to be said, which may have so many bytes.
func readText(w http.ResponseWriter, r *http.Request, most int) (text string, why *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", refuse(http.StatusRequestEntityTooLarge, "That text is too long: at most %d bytes.", most)
	case err != nil:
		return "", refuse(http.StatusBadRequest, "The body of the request has not come as a whole.")
	}
	if !utf8.Valid(body) {
		return "", refuse(http.StatusBadRequest, "That text is not UTF-8.")
	}
	text = string(body)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		var said struct {
			Text *string `json:"text"`
		}
		if err := json.Unmarshal(body, &said); err != nil || said.Text == nil {
			return "", refuse(http.StatusBadRequest, `That is not valid JSON, or has no text: {"text":"hello"}`)
		}
		text = *said.Text
	}
	text = strings.TrimRight(text, "\r\n")
	if bad := protocol.CheckText(text, most); bad != nil {
		if bad.Code == protocol.TooLarge {
			return "", refuse(http.StatusRequestEntityTooLarge, "%s", bad.Text)
		}
		return "", refuse(http.StatusBadRequest, "%s", bad.Text)
	}
	return text, nil
}
