// Night lives through random days of the whole chat until it is stopped: of the server
// ([parley/eventloop/sim]), of several servers that share a log, of the server with our own clients and others
// ([parley/eventloop/sim/chats]), and of private sessions ([parley/p2p]), each under seeds
// of its own. Run it in the checkout:
//
//	go run ./eventloop/sim/night                 until Ctrl-C
//	go run ./eventloop/sim/night -for 8h -from 1000000
//
// A run that fails is printed as who has said and heard what, made as short as it can be with
// little work, with how to run it again. The exit status is 1 if there was one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// A kind is one kind of random runs.
type kind struct {
	name string
	pkg  string
	test string
	runs int      // of one turn: some ten seconds
	each int      // what the test counts a run as, because it is longer than others
	args []string // with FROM for the first seed and SEEDS for how many
}

// kinds are all of them. The first seed of the clients is that of a number of runs.
var kinds = []kind{
	{"days of a server", "./eventloop/sim", "^TestRandomDays$", 500, 1, []string{"-from", "FROM", "-seeds", "SEEDS"}},
	{"relays and invitations", "./eventloop/sim", "^TestRandomPrivate$", 1000, 1, []string{"-from", "FROM", "-seeds", "SEEDS"}},
	{"clients", "./eventloop/sim/chats", "^TestRandomClients$", 500, 1, []string{"-rapid.seed", "FROM", "-rapid.checks", "SEEDS", "-rapid.steps", "60", "-rapid.nofailfile"}},
	{"clusters", "./eventloop/sim", "^TestRandomClusters$", 40, 50, []string{"-from", "FROM", "-seeds", "SEEDS"}},
	{"clusters with snapshots", "./eventloop/sim", "^TestRandomSnapshots$", 40, 100, []string{"-from", "FROM", "-seeds", "SEEDS"}},
	{"private sessions across a cluster", "./eventloop/sim", "^TestRandomCrossings$", 100, 20, []string{"-from", "FROM", "-seeds", "SEEDS"}},
	{"private sessions", "./p2p", "^TestRandomDays$", 1000, 1, []string{"-from", "FROM", "-seeds", "SEEDS"}},
}

func main() {
	limit := flag.Duration("for", 0, "how long to go on; 0: until it is stopped")
	from := flag.Uint64("from", 1_000_000, "the first seed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *limit > 0 {
		ctx, stop = context.WithTimeout(ctx, *limit)
		defer stop()
	}
	failed, err := live(ctx, *from, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "night:", err)
	}
	if failed > 0 || err != nil {
		os.Exit(1)
	}
}

// live goes through turns of all kinds until ctx ends. It returns how many have failed.
func live(ctx context.Context, from uint64, out io.Writer) (failed int, err error) {
	dir, err := os.MkdirTemp("", "night")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	for i, k := range kinds {
		if err := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary(dir, i), k.pkg).Run(); err != nil && ctx.Err() == nil {
			return 0, fmt.Errorf("go test -c %s: %w; is this the checkout, and does it compile?", k.pkg, err)
		}
	}
	began, runs := time.Now(), make([]int, len(kinds))
	for seed := from; ctx.Err() == nil; {
		for i, k := range kinds {
			words, err := k.turn(ctx, binary(dir, i), seed)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				failed++
				fmt.Fprintf(out, "\nFAILED: %s\n%s\n", k.command(seed), words)
			default:
				runs[i] += k.runs
			}
		}
		seed += 1000 // no turn has more
		fmt.Fprintf(out, "%s:", time.Since(began).Round(time.Second))
		for i, k := range kinds {
			fmt.Fprintf(out, " %d %s,", runs[i], k.name)
		}
		fmt.Fprintf(out, " %d turns failed\n", failed)
	}
	return failed, nil
}

func binary(dir string, i int) string { return filepath.Join(dir, fmt.Sprint("runs", i, ".test")) }

// turn lives through some runs, and returns what they have said.
func (k kind) turn(ctx context.Context, binary string, seed uint64) (words string, err error) {
	cmd := exec.CommandContext(ctx, binary, append([]string{"-test.run", k.test, "-test.timeout", "1h"}, k.flags(seed)...)...)
	cmd.Dir = k.pkg
	b, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return "", fmt.Errorf("%s: %w", k.name, err)
	}
	return string(b), err
}

// command is how to live through the same runs again.
func (k kind) command(seed uint64) string {
	return fmt.Sprintf("go test -count=1 -run '%s' %s %s", k.test, k.pkg, strings.Join(k.flags(seed), " "))
}

func (k kind) flags(seed uint64) []string {
	fill := strings.NewReplacer("FROM", fmt.Sprint(seed), "SEEDS", fmt.Sprint(k.runs*k.each))
	flags := make([]string, len(k.args))
	for i, a := range k.args {
		flags[i] = fill.Replace(a)
	}
	return flags
}
