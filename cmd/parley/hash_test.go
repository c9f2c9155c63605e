package main

import (
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A rush begins when questions have come for three seconds without a pause, and ends when there are none for ten, or
// one is not answered within two.
func TestRushes(t *testing.T) {
	for name, tt := range map[string]struct {
		gaps   []time.Duration // between the questions
		hashes time.Duration   // how long the last one takes
		want   string
	}{
		"one":                {[]time.Duration{time.Hour}, 0, ""},
		"some at once":       {times(50, 50*time.Millisecond), 0, ""},
		"too many":           {times(70, 50*time.Millisecond), 0, "begins "},
		"with pauses":        {append(times(50, 50*time.Millisecond), append([]time.Duration{rushPause}, times(50, 50*time.Millisecond)...)...), 0, ""},
		"too many, and more": {append(times(200, 50*time.Millisecond), 5*time.Second, 5*time.Second), 0, "begins "},
		"a rush that ends":   {append(times(70, 50*time.Millisecond), rushOver+1), 0, "begins ends "},
		"none before":        {append([]time.Duration{time.Hour}, times(50, 50*time.Millisecond)...), 0, ""},
		"slow":               {times(10, 50*time.Millisecond), starved + 1, ""},
		"slow in a rush":     {times(70, 50*time.Millisecond), starved - 1, "begins "},
		"left no time":       {times(70, 50*time.Millisecond), starved + 1, "begins ends "},
		"left none at once":  {times(61, 50*time.Millisecond), starved + 1, "begins ends "},
	} {
		synctest.Test(t, func(t *testing.T) {
			in, out := io.Pipe()
			told := make(chan string, 9)
			r := &rushes{Reader: in, began: func() { told <- "begins " }, ended: func() { told <- "ends " }}
			done := make(chan bool)
			go func() {
				defer close(done)
				for questions, b := 0, make([]byte, 1); ; {
					if _, err := r.Read(b); err != nil {
						return
					}
					if questions++; questions == len(tt.gaps) {
						time.Sleep(tt.hashes)
					}
				}
			}()
			for _, gap := range tt.gaps {
				time.Sleep(gap)
				_, _ = out.Write([]byte("?"))
			}
			out.Close()
			<-done
			synctest.Wait()
			close(told)
			got := ""
			for what := range told {
				got += what
			}
			if got != tt.want {
				t.Errorf("%s: %q, want %q", name, got, tt.want)
			}
		})
	}
}

func times(n int, d time.Duration) (all []time.Duration) {
	for range n {
		all = append(all, d)
	}
	return all
}
