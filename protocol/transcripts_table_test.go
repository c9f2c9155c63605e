package protocol

import (
	"strconv"
	"strings"
	"time"
)

// A hearing is what one read of the probe brought: the n-th of a connection.
type hearing struct {
	group     string // of probes
	conn      int
	read      int
	responses []Response
}

// uttered makes one response as its server meant it. Where a timestamp is in
// seconds since 1970 its time is known; the others keep their text only.
func uttered(kind Kind, stamp, sender, content string) Response {
	return Response{Time: epoch(stamp), Stamp: stamp, Sender: sender, Kind: kind, Content: content}
}

// told makes a history. A bare array has neither timestamp nor sender.
func told(stamp, sender string, entries ...Response) Response {
	return Response{Time: epoch(stamp), Stamp: stamp, Sender: sender, Kind: KindHistory, History: entries}
}

// epoch reads seconds with up to nine decimals, without floating point.
func epoch(stamp string) time.Time {
	whole, decimals, _ := strings.Cut(stamp, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(whole) != 10 {
		return time.Time{}
	}
	nanos, err := strconv.ParseInt((decimals + "000000000")[:9], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, nanos)
}

// transcriptTable says what was heard, written after reading the transcripts:
// in the group "chat" two users log in, say "hello" and "world" and ask for
// names; a third one, connection 4, logs in after that and gets the history. In
// "leave" connection 6 tries a name whose owner has just vanished.
func transcriptTable() map[string][]hearing {
	return map[string][]hearing{
		// The sender of the server is empty, the history comes first and the info is glued to it.
		"AudunVN-TTM4100-chat": {
			{"before", 1, 1, []Response{uttered(KindInfo, "1795217774.7166462", "", "")}}, // names of nobody
			{"chat", 1, 0, []Response{
				told("1795217784.5923674", ""),
				uttered(KindInfo, "1795217784.5925012", "", "User uvziiks joined the room Default Room."),
			}},
			{"chat", 2, 1, []Response{uttered(KindMessage, "1795217785.4471977", "uvziiks", "hellocxoooc")}},
			{"chat", 1, 4, []Response{uttered(KindInfo, "1795217786.1508543", "", "uvziiks, uhyeutg")}},
			{"chat", 4, 0, []Response{
				told("1795217786.3022258", "",
					uttered(KindMessage, "1795217785.4471977", "uvziiks", "hellocxoooc"),
					uttered(KindMessage, "1795217785.8994083", "uhyeutg", "worldmyogev")),
				uttered(KindInfo, "1795217786.3023477", "", "User urrjryo joined the room Default Room."),
			}},
			{"leave", 1, 3, []Response{ // three in one read
				uttered(KindInfo, "1795217788.26219", "", "User rakqfxl joined the room Default Room."),
				uttered(KindInfo, "1795217788.5635746", "", "User rakqfxl left the room Default Room."),
				uttered(KindInfo, "1795217788.66432", "", "User rakqfxl joined the room Default Room."),
			}},
			{"leave", 5, 0, []Response{told("1795217791.0245454", "")}}, // a login that is answered by a history only
		},
		// Help as a greeting before login, the history as messages.
		"DagF-ttm4100_project": {
			{"before", 1, 0, []Response{uttered(KindInfo, "20-11-2026 23:36:14", "Server",
				"Help: \nmsg    send a message to all users, specify by sending: msg content\names    get the names of all users\nlogout    logout from the chat\nlogin    login <username>")}},
			{"before", 1, 2, []Response{uttered(KindError, "20-11-2026 23:36:14", "server", "Error: Unknown query")}},
			{"chat", 1, 1, []Response{uttered(KindInfo, "20-11-2026 23:36:20", "server", "logged in")}},
			{"chat", 1, 4, []Response{uttered(KindInfo, "20-11-2026 23:36:21", "server", "uvshdve, ulvsqgy, ")}},
			{"chat", 4, 2, []Response{uttered(KindMessage, "20-11-2026 23:36:20", "uvshdve", "hellolgctor")}},
			{"chat", 4, 3, []Response{uttered(KindMessage, "20-11-2026 23:36:21", "ulvsqgy", "worldmssqwg")}},
			{"leave", 6, 1, []Response{uttered(KindError, "20-11-2026 23:36:29", "server", "Error: Username already in use")}},
		},
		// The server speaks to a user in the user's own name; names one to a line.
		"KjerneKoderne-ChatServer-TTM4100": {
			{"before", 1, 1, []Response{uttered(KindError, "20-11-2026 23:36:14", "chatserver", "Incorrect command! Type 'help' for commands")}},
			{"chat", 1, 0, []Response{
				uttered(KindInfo, "20-11-2026 23:36:20", "uddmori", "You successfully logged in!"),
				told("20-11-2026 23:36:20", "uddmori"),
			}},
			{"chat", 1, 2, []Response{uttered(KindMessage, "20-11-2026 23:36:21", "uylrclj", "worldyqgjdk")}},
			{"chat", 1, 3, []Response{uttered(KindInfo, "20-11-2026 23:36:21", "uddmori", "uddmori\nuylrclj\n")}},
			{"chat", 4, 0, []Response{
				uttered(KindInfo, "20-11-2026 23:36:21", "uygjltq", "You successfully logged in!"),
				told("20-11-2026 23:36:21", "uygjltq",
					uttered(KindMessage, "20-11-2026 23:36:21", "uddmori", "helloftamfo"),
					uttered(KindMessage, "20-11-2026 23:36:21", "uylrclj", "worldyqgjdk")),
			}},
			{"leave", 6, 0, []Response{uttered(KindError, "20-11-2026 23:36:29", "chatserver", "Error: You can only log on as one user...")}},
		},
		// The history comes half a second after the info.
		"Lagostra-ktn-chat": {
			{"before", 1, 1, []Response{uttered(KindError, "1795218139.0525773", "SERVER", "Login before you do anything else...")}},
			{"chat", 1, 0, []Response{uttered(KindInfo, "1795219277.7828915", "SERVER", "Logged in successfully")}},
			{"chat", 1, 3, []Response{uttered(KindInfo, "1795219279.354429", "SERVER", "Users in current chatroom: utgvdbd, utdlamo")}},
			{"chat", 4, 1, []Response{
				told("1795219280.0069373", "SERVER",
					uttered(KindMessage, "1795219278.63629", "utgvdbd", "hellofkyhvo"),
					uttered(KindMessage, "1795219279.1028457", "utdlamo", "worldbwtrbo")),
			}},
			{"leave", 6, 0, []Response{uttered(KindError, "1795218158.8573532", "SERVER", "Username already taken")}},
		},
		// The history is a list of objects; no echo but a receipt.
		"TommyWithATiger-KTN-Chat-project": {
			{"before", 1, 1, []Response{uttered(KindError, "11.20 23:41:57", "server", "Please login to get access to that command, use 'help' for login help")}},
			{"chat", 1, 0, []Response{uttered(KindInfo, "11.20 23:42:03", "server", "Login successful!")}},
			{"chat", 1, 1, []Response{uttered(KindInfo, "11.20 23:42:03", "server", "Message recieved")}},
			{"chat", 1, 3, []Response{uttered(KindInfo, "11.20 23:42:04", "server", "ugjrriy, ukrvmjm")}},
			{"chat", 4, 1, []Response{
				told("11.20 23:42:04", "server",
					uttered(KindMessage, "11.20 23:42:03", "ugjrriy", "helloczcesn"),
					uttered(KindMessage, "11.20 23:42:04", "ukrvmjm", "worldqwiuxo")),
			}},
			{"leave", 6, 0, []Response{uttered(KindError, "11.20 23:42:14", "server", "Username taken")}},
		},
		// Newlines, two responses in one read.
		"hringdal-ttm4100": {
			{"before", 1, 1, []Response{uttered(KindError, "23:38:56", "server", "Not logged in")}},
			{"chat", 1, 0, []Response{
				uttered(KindInfo, "23:39:03", "server", "login successful!"),
				told("23:39:03", "server"),
			}},
			{"chat", 1, 3, []Response{uttered(KindInfo, "23:39:04", "server", "uoxwosp, uapsfct, ")}},
			{"chat", 4, 0, []Response{
				uttered(KindInfo, "23:39:04", "server", "login successful!"),
				told("23:39:04", "server",
					uttered(KindMessage, "23:39:04", "uoxwosp", "hellonlonax"),
					uttered(KindMessage, "23:39:04", "uapsfct", "worldlezfzj")),
			}},
			{"leave", 6, 0, []Response{uttered(KindError, "23:39:14", "server", "username already exist")}},
		},
		// A greeting before login; the history only where there is one.
		"ingridstoen-KTN-prosjekt": {
			{"before", 1, 4, []Response{uttered(KindError, "23:38:57 20-11-26", "Server", "Logout failed. You are not logged in.")}},
			{"chat", 1, 0, []Response{uttered(KindInfo, "23:39:09 20-11-26", "Server", "Connection successfully established.")}},
			{"chat", 1, 1, []Response{uttered(KindInfo, "23:39:09 20-11-26", "Server", "uuakqct logged in.")}},
			{"chat", 1, 5, []Response{uttered(KindInfo, "23:39:11 20-11-26", "Server", "Connected users:\nuuakqct\nuxnrpwp")}},
			{"chat", 4, 1, []Response{
				told("23:39:11 20-11-26", "Server",
					uttered(KindMessage, "23:39:10 20-11-26", "uuakqct", "hellonnveqj"),
					uttered(KindMessage, "23:39:11 20-11-26", "uxnrpwp", "worldmmnsyy")),
				uttered(KindInfo, "23:39:11 20-11-26", "Server", "uobonop logged in."),
			}},
			{"leave", 4, 1, []Response{uttered(KindError, "23:39:15 20-11-26", "Server", "Username taken.")}},
			{"two_requests_glued", 2, 0, []Response{ // the greeting and the answer in one read
				uttered(KindInfo, "23:39:43 20-11-26", "Server", "Connection successfully established."),
				uttered(KindInfo, "23:39:43 20-11-26", "Server", "umtaqgu logged in."),
			}},
		},
		// Capital keys; the history is a bare array, glued to the info.
		"lightbits-ttm4100": {
			{"before", 1, 2, []Response{uttered(KindError, "Nov 20 23:46", "server", "You must login first.")}},
			{"chat", 1, 0, []Response{uttered(KindInfo, "Nov 20 23:46", "server", "Your username is now uxpydnr"), told("", "")}},
			{"chat", 3, 0, []Response{uttered(KindMessage, "Nov 20 23:46", "uxpydnr", "hellorqqlgk")}}, // to somebody who is not logged in
			{"chat", 1, 2, []Response{uttered(KindInfo, "Nov 20 23:46", "server", "Noname, uxpydnr, uxzmumh")}},
			{"chat", 4, 0, []Response{
				uttered(KindInfo, "Nov 20 23:46", "server", "Your username is now uevyxjy"),
				told("", "",
					uttered(KindMessage, "Nov 20 23:46", "uxpydnr", "hellorqqlgk"),
					uttered(KindMessage, "Nov 20 23:46", "uxzmumh", "worldraslyh")),
			}},
			{"leave", 6, 0, []Response{uttered(KindInfo, "Nov 20 23:47", "server", "Your username is now uukaxdi"), told("", "")}},
		},
		// "msg" for "message"; the history holds what the server said, too.
		"olav-st-ttm4100-project": {
			{"before", 1, 1, []Response{uttered(KindError, "1795218075", "[Error]", "Not logged in")}},
			{"chat", 1, 0, []Response{told("1795218083", "[Server]"), uttered(KindInfo, "1795218083", "[Server]", "ulacsbu connected")}},
			{"chat", 2, 1, []Response{uttered(KindMessage, "1795218084", "ulacsbu", "hellorqvbtd")}},
			{"chat", 1, 4, []Response{uttered(KindInfo, "1795218086", "[Server]", "Connected users: ulacsbu, urjgpdh, ")}},
			{"chat", 4, 0, []Response{
				told("1795218086", "[Server]",
					uttered(KindInfo, "1795218083", "[Server]", "ulacsbu connected"),
					uttered(KindInfo, "1795218084", "[Server]", "urjgpdh connected"),
					uttered(KindMessage, "1795218084", "ulacsbu", "hellorqvbtd"),
					uttered(KindMessage, "1795218086", "urjgpdh", "worldffibbd")),
				uttered(KindInfo, "1795218086", "[Server]", "ubmwtoa connected"),
			}},
			{"leave", 1, 3, []Response{
				uttered(KindInfo, "1795218088", "[Server]", "rcmlesa connected"),
				uttered(KindInfo, "1795218088", "[Server]", "rcmlesa disconnected"),
				uttered(KindInfo, "1795218088", "[Server]", "rcmlesa connected"),
			}},
		},
		// Names behind each other, with the user as the sender.
		"sindrehan-TTM4100-Project": {
			{"before", 1, 1, []Response{uttered(KindError, "23:41:34", "server", "Not logged in")}},
			{"chat", 1, 0, []Response{uttered(KindInfo, "23:41:45", "server", "Login succesful"), told("23:41:45", "server")}},
			{"chat", 1, 3, []Response{uttered(KindInfo, "23:41:46", "udrpvvj", "udrpvvj uxnnkun ")}},
			{"chat", 4, 0, []Response{
				uttered(KindInfo, "23:41:46", "server", "Login succesful"),
				told("23:41:46", "server",
					uttered(KindMessage, "23:41:45", "udrpvvj", "hellopkfzya"),
					uttered(KindMessage, "23:41:46", "uxnnkun", "worlduxewwa")),
			}},
			{"leave", 6, 0, []Response{uttered(KindError, "23:41:53", "server", "Username taken")}},
		},
	}
}
