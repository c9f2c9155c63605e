// Package bot is a library for programs that chat: it logs in, tells what happens as typed
// events, and says things exactly once. It needs no terminal.
//
//	b, err := bot.Dial(ctx, bot.Config{Server: "localhost", Name: "echo", Rooms: []string{"tea"}})
//	if err != nil {
//		return err
//	}
//	defer b.Close()
//	for e := range b.Events() {
//		if m, is := e.(bot.Message); is {
//			if _, err := b.Reply(ctx, m, "You said: "+m.Text); err != nil {
//				return err
//			}
//		}
//	}
//	return b.Err() // nil if it was closed, or ctx has ended
//
// The examples below are whole bots. The module is called parley: a program outside of it
// names where it lies, with a replace directive in its go.mod.
//
// # Servers and accounts
//
// A Config takes the addresses that parley chat does: HOST, HOST:PORT, unix:PATH, and
// parleys://HOST[:PORT] for TLS. The key of a server with TLS is the right one if it is
// the one of Config.Pin, or else if a certificate authority vouches for it, or else if the server had it
// before; keys are remembered in the file that parley chat uses, and a server that had TLS
// before is not talked to without. A bot is a guest or, with a password, an account. The
// password goes to no server that has not shown that it is Parley.
//
// # What is said
//
// Say, Reply and Direct return when the server has the text for good. While the connection
// is lost, or the server asks to slow down, they wait; then the same request goes again
// with the same id, which the server knows: whatever happens, the text is said once. The
// number that comes back is that of the message: it serves to react to it, edit it or remove it.
// An error of the server is an *[Error], whose code says what is wrong:
//
//	errors.Is(err, &bot.Error{Code: protocol.Muted})
//
// # What is heard
//
// Events come one after the other, in the order in which the server tells them. What was
// said before the bot came for the first time is none. After a lost connection the bot comes
// back by itself, for as long as it takes, and hears what it has missed, nothing twice; if that cannot be told, it gets a
// [Gap]. A program that keeps [Bot.Point] and begins with it the next time, as Config.From,
// goes on behind the last event whose turn of the loop had ended: what it was doing when it
// was killed comes again, and nothing else does. It never hears itself, nor other sessions
// of its own name, so it cannot answer itself.
//
// A direct message counts as seen, and so does not come again, when its turn of the loop
// has ended.
//
// # Goroutines
//
// A Bot has one goroutine, which owns the session, and two that move its bytes. One
// goroutine at a time ranges over Events. All other methods may be called from any goroutine,
// also in that loop: events wait meanwhile. When 1,000 wait the bot lets the server keep
// the others, and has them told when it has caught up.
//
// # Servers of the standard
//
// With a server that speaks the chat protocol of TTM4100 and nothing else, Parley's extras
// are missing, and it is found out by itself. One lobby is all there is: Direct, Join, React and such
// are refused with [ErrPlain]. Messages have no numbers. A request goes when the one before
// was answered. A text counts as said when the server has sent it back or has answered something
// behind it. What was under way when a connection was lost is not sent again, since
// nobody can know whether it was said: that is [ErrInDoubt]. What was missed is known as far
// as the server tells its history; where a server of the standard tells it as messages,
// those from before the login, by the clocks of both, are no events. In Config.Plain a bot
// treats any server so.
package bot
