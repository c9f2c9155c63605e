package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parley/users"
	"parley/users/rooms"
)

// A Keeper is the store as a chat server uses it: it answers on the server's own
// goroutine, in the server's own errors, and logs what went wrong.
type Keeper struct {
	Store *Store
	Post  func(func()) // has a function run on the server's goroutine
	Log   *slog.Logger

	failing bool // owned by the store's writer: the last write failed
}

// Log returns the log of the room, which goes on where the state ends and keeps
// the newest messages in memory.
func (k *Keeper) OpenLog(ctx context.Context, state State, newest int) (rooms.Log, error) {
	messages, err := k.Store.Newest(ctx, newest)
	if err != nil {
		return nil, fmt.Errorf("reading the newest messages: %w", err)
	}
	requests := rooms.NewRequests()
	for _, r := range state.Requests {
		requests.Add(rooms.Request{Sender: r.Sender, ID: r.ID}, r.Digest, r.Number, true, r.Time)
	}
	write := func(m rooms.Message, request string, done func(error)) error {
		return k.Store.AppendMessage(m, request, k.answer("message", done))
	}
	return rooms.NewKeptLog(state.Log, state.Last, messages, requests, newest, write), nil
}

// answer makes what a write calls when it is done of what the server calls.
func (k *Keeper) answer(what string, done func(error)) func(error) {
	return func(err error) {
		k.note(what, err)
		if done != nil {
			k.Post(func() { done(ours(err)) })
		}
	}
}

// note logs the first failure of a row, and its end.
func (k *Keeper) note(what string, err error) {
	failed := err != nil && !refused(err)
	if failed && !k.failing {
		k.Log.Error("storage has failed; what could not be kept is refused until it works again", "what", what, "error", err)
	}
	if !failed && k.failing {
		k.Log.Info("storage works again")
	}
	k.failing = failed
}

// ours makes an error of the domain of one of the store.
func ours(err error) error {
	var again *DuplicateError
	switch {
	case err == nil, errors.As(err, &again):
		return nil
	case errors.Is(err, users.ErrRegistered):
		return users.ErrRegistered
	case errors.Is(err, users.ErrUnknownUser):
		return users.ErrUnknownUser
	}
	return fmt.Errorf("%w: %w", rooms.ErrNotKept, err)
}

// queued answers for a write that could not even be queued.
func (k *Keeper) queued(err error, done func(error)) {
	if err != nil && done != nil {
		k.Post(func() { done(fmt.Errorf("%w: %w", rooms.ErrBusy, err)) })
	}
}

// AddAccount keeps a new account.
func (k *Keeper) AddAccount(a users.Account, done func(error)) {
	k.queued(k.Store.AddAccount(a, k.answer("account", done)), done)
}

// SetHash replaces the hash of a password.
func (k *Keeper) SetHash(name, was, hash string, done func(error)) {
	k.queued(k.Store.SetHash(name, was, hash, k.answer("password", done)), done)
}

// TouchLastSeen keeps when an account was online last.
func (k *Keeper) TouchLastSeen(name string, at time.Time) {
	k.queued(k.Store.TouchLastSeen(name, at, k.answer("last seen", nil)), nil)
}

// PutBlock keeps a block.
func (k *Keeper) PutBlock(b users.Block, done func(error)) {
	k.queued(k.Store.PutBlock(b, k.answer("block", done)), done)
}

// DeleteBlock removes a block.
func (k *Keeper) DeleteBlock(b users.Block, done func(error)) {
	k.queued(k.Store.DeleteBlock(b, k.answer("block", done)), done)
}

// KeepLoginBlocks keeps login blocks, or removes those that are over.
func (k *Keeper) KeepLoginBlocks(changed []users.LoginBlock) {
	if len(changed) > 0 {
		k.queued(k.Store.KeepLoginBlocks(changed, k.answer("login block", nil)), nil)
	}
}

// PutDirect keeps a direct message.
func (k *Keeper) PutDirect(d users.Direct, request string, done func(error)) {
	k.queued(k.Store.PutDirect(d, request, k.answer("direct message", done)), done)
}

// Directs reads what waits for a receiver.
func (k *Keeper) Directs(receiver string, done func([]users.Direct, error)) {
	go func() {
		list, err := k.Store.Directs(context.Background(), receiver)
		if err != nil {
			k.Log.Error("direct messages cannot be read", "error", err)
		}
		k.Post(func() { done(list, err) })
	}()
}

// DeleteDirects removes what waits for a receiver up to a number.
func (k *Keeper) DeleteDirects(receiver string, upTo uint64) {
	k.queued(k.Store.DeleteDirects(receiver, upTo, k.answer("direct message", nil)), nil)
}
