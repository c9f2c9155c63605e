package endpoint

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A panic in an answer ends that connection, is told, and is in the log with its stack; one that was
// meant to end the connection is not.
func TestContain(t *testing.T) {
	for p, told := range map[any]int{"planted": 1, errors.New("planted"): 1, http.ErrAbortHandler: 0} {
		var log bytes.Buffer
		faults := 0
		h := Contain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(p) }), slog.New(slog.NewTextHandler(&log, nil)), func() { faults++ })
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%v becomes %v", p, got)
				}
			}()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		}()
		if said := log.String(); faults != told || strings.Count(said, "panic=planted") != told || strings.Count(said, "endpoint_test.go") < told {
			t.Errorf("%v is told %d times; the log: %s", p, faults, said)
		}
	}
}
