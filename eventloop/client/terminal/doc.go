// Package terminal is the keyboard and the screen of the chat client: the
// client.Keyboard and the screen of a real terminal, of a pipe and of a file.
//
// Keys go through four stations, each a goroutine's own:
//
//	keyboard   reads the device; filter turns escape sequences into what
//	           readline understands, and the newlines of a paste into one rune
//	readline   github.com/chzyer/readline v1.5.1 edits the line: characters,
//	           words, kill and yank, history, search. keys stands before and
//	           behind it
//	reader     asks readline for a line whenever the owner has called Next, and
//	           keeps the history
//	owner      takes the Input, prints, sets the prompt
//
// readline only edits; it draws nothing. The screen is one small state under one
// lock, on which the owner prints, readline's goroutine shows the line and the
// reader begins and ends it. This rests on facts about readline v1.5.1, each of
// which was seen to happen:
//
//   - What it prints above a line (Stdout) races with keys while a list of
//     candidates or a search is open.
//   - It takes an emoji for one column and moves the cursor one column for a
//     character that has two. A prompt as wide as the screen makes it loop.
//   - It panics on the key behind Ctrl-T in a line of one character, on Ctrl-R
//     and Ctrl-C without a history, and on Tab among wide characters.
//   - It leaves raw mode after each line, so that a second Ctrl-C is a signal and
//     what is typed ahead is echoed.
//   - It takes the Delete key for Ctrl-D, and NUL for the end of the input.
//   - Close during Readline hangs unless its input can be given up.
//   - It makes history files that others may read.
//
// Without a terminal on both sides, or with TERM=dumb, nothing is drawn and no
// escape sequence is written: lines come as they are and text goes as it is.
//
// SetSecret makes the screen show a star for each character, and leaves readline
// no key that keeps or recalls anything. A line that began before is dropped:
// what was typed for everybody to read is no part of a password, nor the other
// way round. On a terminal that the kernel edits, its echo is switched off.
package terminal
