// Package view makes what a person reads of the entries of a timeline: rows for a
// screen of a given width, lines for a pipe, and for a program the frames as they
// came. It is pure but for what it is given to write to.
//
// # Safety
//
// What others send becomes safe here, and only here: see safe. Whoever reads a screen
// must be able to tell who speaks, whatever others send, at every width:
//
//   - Every row begins with a head or with an indent. A head is made by this package:
//     the time, then who speaks. The rows of a text behind the first are indented, and
//     the package breaks them itself, at words, so that no terminal has to. Runs of
//     blanks of any kind are one blank; only at the beginning of a line of a text of
//     several lines are up to 16 kept, behind the indent, for those who paste code.
//   - The client's own words, and what it knows of a private session, stand behind the
//     mark ¦ (U+00A6), on every row. In what others have sent it is replaced by |, and so
//     are its wide form and other vertical lines with gaps. So a copy, a terminal that
//     wraps its rows anew, and a screen without colours show the difference, too.
//   - A sentence of the client's own begins one blank behind the mark; its further rows
//     are indented, at 8 columns and more. So no word of others in it, such as a reason,
//     stands where a sentence begins.
//   - What is of a room has the room in brackets before who speaks. That of the lobby has
//     none, but where lines go into another room: so what has none never was said in one.
//     A room that is no name of one stands in quotation marks, also in the prompt.
//   - A sender that is no name stands in quotation marks, which it cannot end itself.
//     What has no sender, or the server's, has the server's marks: * and, for what went
//     wrong, !.
//   - What was said at a time that is not known has dashes for it.
//   - Characters whose width terminals do not agree on count as the wider one. A row
//     may be shorter than the screen, but never longer.
//
// # What is too much
//
// A text of more than foldedRows rows is cut there, with a row that says how many are
// left and how to see them. A text of a day before the present one has its date before
// the time; a line across with the date comes only when a day begins, and in the
// history, where days can only go on.
package view
