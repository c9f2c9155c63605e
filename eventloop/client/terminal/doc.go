// Package terminal is the keyboard and the screen of the chat client: the
// client.Keyboard and the screen of a real terminal, of a pipe and of a file.
//
// # Keys
//
// Keys go through four stations, each a goroutine's own:
//
//	keyboard   reads the device when it is asked to; filter turns escape sequences
//	           into what readline understands, and a text that was pasted into one
//	           key
//	readline   github.com/chzyer/readline v1.5.1 edits the line: characters,
//	           words, kill and yank, history. keys stands before and behind it, and
//	           does what readline has no key for: graphemes, search, pastes, Tab
//	reader     asks readline for a line whenever the owner has called Next, keeps
//	           the history, and opens the person's editor between two lines
//	owner      takes the Input, shows blocks, sets the prompt
//
// The line is drawn once for all that was read at once. A paste costs what one key
// does; one whose end does not come within a second has ended. Enter is CR;
// Ctrl-J (LF), Alt-Enter and what is pasted make line breaks in the line.
//
// A newline with text behind it in the same read is no Enter: nobody types as fast,
// so it was pasted into a terminal that does not say so (a burst). It becomes a line
// break, and the person is asked whether to send it all. In answers to secret
// questions, and in files and pipes, each newline ends a line.
//
// # The screen
//
// readline only edits; it draws nothing. The screen is one small state under one
// lock, on which the owner shows blocks, readline's goroutine shows the line, the
// reader begins and ends it, and the device tells of signals. It keeps the blocks
// that may still be visible, and how many of their rows are for certain.
//
//   - A block's rows end in a newline, so when the screen gets wider or its height
//     changes only the line is drawn again. When it gets narrower than a row, what
//     is visible is drawn anew at the new width. Terminals that wrap rows anew and
//     those that cut them are told by the environment (reflowing).
//   - Nothing is lost by that. What may be twice in the scrollback is the block that
//     the top of the screen cut in two; and, while the screen has not been full
//     since the start or the last change of its height, what a terminal that wraps
//     anew has moved out of sight: where the cursor stands is not known then. What
//     is in the scrollback is as the terminal made it.
//   - Nothing puts the screen into the scrollback: tmux does so for ESC [ 2 J, and
//     for ESC [ J at the home position. Ctrl-L draws what was visible again, and
//     Clear scrolls it away.
//   - After a stop (Ctrl-Z, kill -STOP) and after the editor, what stands above may
//     be others' and is left alone. The mode of the terminal, the bracketed paste
//     and the line come back.
//
// # Without escape sequences
//
// Without a terminal on both sides, with TERM=dumb, or for a screen reader, nothing
// is drawn and no escape sequence is written: lines come as they are and rows go as
// they are, once. Questions are written where a person types; the prompt that only
// invites to type ("> ") is for screen readers.
//
// # Secrets
//
// SetSecret makes the screen show a star for each character, and leaves readline
// no key that keeps or recalls anything. A line that began before is dropped:
// what was typed for everybody to read is no part of a password, nor the other
// way round. On a terminal that the kernel edits, its echo is switched off, again
// after a stop.
//
// # What was seen of readline v1.5.1
//
//   - It draws and copies the whole line for each character.
//   - What it prints above a line (Stdout) races with keys while a list of
//     candidates or a search is open.
//   - It takes an emoji for one column and moves the cursor one column for a
//     character that has two. A prompt as wide as the screen makes it loop.
//   - It panics on the key behind Ctrl-T in a line of one character, on Ctrl-R
//     and Ctrl-C without a history, and on Tab among wide characters.
//   - Its search goes on with what the last one looked for, and loses the line.
//   - It leaves raw mode after each line, so that a second Ctrl-C is a signal and
//     what is typed ahead is echoed.
//   - It takes the Delete key for Ctrl-D, and NUL for the end of the input.
//   - Close during Readline hangs unless its input can be given up.
//   - It makes history files that others may read.
package terminal
