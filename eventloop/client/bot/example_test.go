package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"parley/eventloop/client/bot"
	"parley/protocol"
)

// A bot that answers "!remind 10m tea" in ten minutes, in the room where that was said. It
// hears what was said while its connection was lost, and each reminder is said once.
func Example() {
	addr, stop := exampleServer() // yours runs somewhere: parley serve
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	b, err := bot.Dial(ctx, bot.Config{Server: addr, Name: "reminder"})
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		remind(ctx, b)
	}()

	alice, err := bot.Dial(ctx, bot.Config{Server: addr, Name: "alice"}) // a person, as far as the server knows
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = alice.Say(ctx, "", "!remind soon tea")
	_, _ = alice.Say(ctx, "", "!remind 10ms the tea is ready")
	heard := 0
	for e := range alice.Events() {
		if m, is := e.(bot.Message); is {
			fmt.Printf("%s: %s\n", m.From, m.Text)
			if heard++; heard == 3 {
				break
			}
		}
	}
	alice.Close()
	b.Close()
	<-done
	// Output:
	// reminder: That is no time: write !remind 10m TEXT
	// reminder: I will, in 10ms.
	// reminder: alice, the tea is ready
}

// remind answers requests for reminders until the bot ends.
func remind(ctx context.Context, b *bot.Bot) {
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for e := range b.Events() {
		m, is := e.(bot.Message)
		if !is {
			continue
		}
		request, is := strings.CutPrefix(m.Text, "!remind ")
		if !is {
			continue
		}
		lasts, text, _ := strings.Cut(request, " ")
		after, err := time.ParseDuration(lasts)
		if err != nil || after <= 0 {
			_, _ = b.Reply(ctx, m, "That is no time: write !remind 10m TEXT")
			continue
		}
		if _, err := b.Reply(ctx, m, fmt.Sprintf("I will, in %s.", after)); err != nil {
			continue // the server does not take it, and says why in err
		}
		waiting.Go(func() {
			select {
			case <-time.After(after):
				_, _ = b.Reply(ctx, m, m.From+", "+text) // waits while the connection is lost
			case <-ctx.Done():
			}
		})
	}
}

// A bot that counts words goes on, the next time that it runs, behind the last message that
// it has counted. It is an account, since that keeps its rooms and direct messages.
func ExampleBot_Point() {
	addr, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	alice, err := bot.Dial(ctx, bot.Config{Server: addr, Name: "alice"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer alice.Close()

	var at bot.Point // belongs into a file, beside the counts
	words := 0
	for _, text := range []string{"one two", "three four five"} { // the program runs twice
		if at.Log != "" {
			_, _ = alice.Say(ctx, "", text) // while it does not run
		}
		counter, err := bot.Dial(ctx, bot.Config{Server: addr, Name: "counter", Password: "blue horse", Register: true, From: at})
		if err != nil {
			fmt.Println(err)
			return
		}
		if at.Log == "" {
			_, _ = alice.Say(ctx, "", text)
		}
		for e := range counter.Events() {
			if m, is := e.(bot.Message); is {
				words += len(strings.Fields(m.Text))
				break
			}
		}
		at = counter.Point()
		counter.Close()
	}
	fmt.Println(words, "words")
	// Output: 5 words
}

// Errors of the server are told apart by their codes.
func ExampleError() {
	addr, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	b, err := bot.Dial(ctx, bot.Config{Server: addr, Name: "bot"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	_, err = b.Say(ctx, "tea", "hello")
	var refused *bot.Error
	if errors.As(err, &refused) && refused.Code == protocol.NotInRoom {
		fmt.Println("First the room is to be joined.")
	}
	// Output: First the room is to be joined.
}

// exampleServer is a server of Parley, which keeps nothing.
func exampleServer() (addr string, stop func()) {
	addr, end, err := bot.Serve(nil)
	if err != nil {
		panic(err)
	}
	return addr, func() { _ = end() }
}
