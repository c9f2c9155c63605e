// Package web shows a chat in a browser, on the machine where the client runs: it serves a
// page on a loopback address (elsewhere with TLS and a password, see [Remote]), draws for each tab what it looks at,
// and takes what is asked there. All that a page shows is the model of package client, which the terminal shows, too,
// and all that a page asks is done by the one goroutine that owns it.
//
// # Getting in
//
//	GET  /            the page: index.html, and what it names beside it. No secret is in it.
//	POST /session     {"token":"..."} as application/json: 204 and a cookie, or 403.
//	GET  /session     204 with the cookie of this run, 401 without.
//	GET  /events      the WebSocket, with the cookie: ?run=RUN&after=N goes on behind an event
//
// The URL that the process prints has the token in its fragment, which no browser sends:
//
//	http://127.0.0.1:PORT/#token=TOKEN
//
// The page takes it out of the address, and exchanges it for the cookie. With [Remote] there is
// no token: GET /session says 401 with "WWW-Authenticate: password", and what is sent is
// {"password":"..."}, which is answered with 204 and a cookie, 403, or 429 after many tries.
//
// # What a page is sent
//
// Each message is one [Frame]. The first one of a WebSocket is a snapshot, or, if the page
// has said which events it knows and the process still has all that came since, the event
// behind that one. Events are numbered: entries that were added or have changed.
//
//	{"type":"snapshot","n":41,"run":"5f0c91d2","facts":{"self":{"name":"alice",...},"to":"room:dev","read":{"lobby":[12,2]},...}}
//	{"type":"entry","n":42,"added":true,"entry":{"id":16,"in":"room:dev","kind":"message","at":1764188402000,"number":1204,
//	  "able":true,"who":"bob","text":"lunch?","group":"bob\nroom:dev\n\nfalse","tree":["li.msg",["div.gut",...],...]}}
//
// An entry is a [Line]: what it says, and the tree of nodes by which it is drawn. One that is not added has
// changed: it replaces the one with its id, if the page has that.
//
// What stands around the lines differs from tab to tab. A page says what it looks at, and is shown that
// until it says something else: parts, which are trees, and facts, which it has to know by itself. What has
// changed is sent again, whole, at most ten times a second; what was in between is not, so a slow tab is not far behind.
//
//	{"id":6,"ask":"look","view":{"in":"room:dev","text":"lunch a","mine":true}}
//	{"type":"show","parts":{"head":[{},["button.ib.narrow",...],...],"box":{"data-aud":"room"}},"facts":{"title":"Dev · parley"}}
//	{"type":"answer","id":6,"answer":{"ok":true}}
//
// The page makes nodes of trees (page/tree.js): text is only ever set as text, and there are no other tags and
// attributes than those that it knows. What is typed is in the view with each letter: by that the process says who would
// hear it, keeps it as the draft of the conversation, and completes it. A tab that looks there, too, is told to fill
// its field with that: what was typed last stands in all, but not in the place of what was not kept, such as a text that is
// too long. What a page decides by itself is what a browser
// alone can: the field, the focus, which lines are in the document, where a menu stands, the time of day, notifications,
// and how it comes back.
//
// # What a page asks
//
//	{"id":7,"ask":"say","in":"room:dev","text":"at noon"}
//	{"type":"answer","id":7,"answer":{"ok":true,"entry":17}}
//
//	{"id":8,"ask":"say","in":"room:ops","text":"anybody here?"}
//	{"type":"answer","id":8,"answer":{"ok":false,"error":"Not sent. You are not in ops. /join ops goes there."}}
//
//	{"id":9,"ask":"page","in":"room:dev","entry":16,"count":100}
//	{"type":"answer","id":9,"answer":{"ok":true,"lines":[{"id":3, ...},{"id":4, ...}],"more":true}}
//
//	{"id":10,"ask":"line","in":"lobby","text":"/join dev"}
//	{"type":"answer","id":10,"answer":{"ok":true}}
//
//	{"id":11,"ask":"complete","in":"lobby","text":"/jo"}
//	{"type":"answer","id":11,"answer":{"ok":true,"candidates":["/join "],"length":3}}
//
//	{"id":12,"ask":"answer","number":3,"text":"the password"}
//	{"type":"answer","id":12,"answer":{"ok":true}}
//
//	{"id":13,"ask":"offer","in":"room:dev","name":"mute","of":{"who":"bob"}}
//	{"type":"answer","id":13,"answer":{"ok":true,"tree":["dialog", ...]}}
//	{"id":14,"ask":"offer","in":"room:dev","name":"mute","of":{"who":"bob"},"put":{"time":"1h","why":"too loud"}}
//	{"type":"answer","id":14,"answer":{"ok":true}}
//
// An ask that names a run is done in that one, or not at all: what was typed for one chat never comes into another.
//
// What is said goes where the ask says, or nowhere: it is refused if nothing can be said
// there, and never waits for another place. An answer stands among the events where it was
// made: what came before it was sent before it.
//
// # What is kept
//
// A folder for each user on each server, for its owner only, has a lock that one process
// holds, the URL of its page while that runs (url.json), and what the next one goes on with
// (kept.json, see client.Kept): it is written some seconds after something has happened, and
// at the end. Nothing of private sessions is in it, and no password. Where nothing is to be kept, such as of a name
// that the server has refused, no folder stays.
//
// A login under another name takes the folder of that name first. Then the chat is over, what
// it had is kept under its own name, and another chat begins with what was kept of the other
// name, in a new run: each tab gets a snapshot. Where a terminal has the same chat, or another
// process has that folder, the login is refused.
//
// # When the WebSocket ends
//
//	1001  the process ends; 4001 the chat is over, which the phase "ended" has told
//	4002  this tab has not read fast enough: it comes back, and gets a snapshot
//	4003  an ask was no ask
//
// A page that lost its WebSocket opens it again after a pause, with the run and the cursor
// of the last event that it had. If the cookie is not known any more, since the process is
// another one, GET /session says 401: the person opens the URL that the process prints.
//
// # What it costs
//
// On 2 shared cores of an AMD EPYC, Chromium 156 without a screen, 2026-11-26, but for the first load, which is of
// 2026-11-27:
//
//	from the start of the process to a page in which one can write   282 ms (median of 5)
//	a first load, compressed, with its headers                       42,409 bytes in 19 files
//	from a line in a terminal to the page of another one             9.8 ms (median of 13, most 24)
//	idle for 10 s                                                    10 ms of a core, the page 43 (the caret blinks)
//	idle for 4 s, the machine busy with other work                   the page 10 ms with the focus in the field, 2 elsewhere, and
//	                                                                 0.5 with nothing in it: no timer of its own runs, the caret blinks
//	10,000 lines at 500 a second                                     the longest frame 50 ms; 200 lines, 2,218 nodes
//
// (PARLEY_FIGURES=1 go test -count=1 ./eventloop/client/web/pagetest -run 'Figures|TenThousand' -v)
package web
