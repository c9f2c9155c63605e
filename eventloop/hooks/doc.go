// Package hooks lets programs say things in rooms by HTTP, such as a build that has failed:
//
//	curl -d "The build has failed." http://127.0.0.1:9997/hooks/TOKEN
//
// (What is said in rooms is sent to programs by package outgoing.)
//
// Each token is a hook's: it says things in one room, under one name that nobody can log in
// with (users.IsHookName). What is kept of a token is its command.TokenID.
//
// The body is the text, or an object of JSON, {"text":TEXT}, with the content type
// application/json. The answer is an object, {"id":NUMBER}, with the number of the message,
// when it is kept; or the reason in a sentence, with one of these statuses:
//
//	400  the text is blank, not UTF-8 or has control characters, or the JSON is none
//	403  the hook is muted or banned
//	404  no hook has that token, or its room has ended
//	413  the text is too long
//	422  the Idempotency-Key was used for another text
//	429  too fast, for the hook or for its room; Retry-After says when to try again
//	503  it cannot be kept now; try again, as Retry-After says
//
// A request with an Idempotency-Key, of at most protocol.MaxTag characters, may be sent
// again: what was said by the first is not said again for a day, and the answer has its number.
package hooks
