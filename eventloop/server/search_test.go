package server_test

import (
	"testing"
	"time"
)

func TestSearch(t *testing.T) {
	plays(t, company(), map[string]string{
		"words, in an extended session": `alice bob
			bob> msg Blåbær og ØL på fjellet
			bob< message*
			alice< message*
			bob> msg bare ol, naïve venner
			bob< message*
			alice< message*
			alice> {"request":"search","content":"blåbær øl","ref":"s"}
			alice< history bob: Blåbær og ØL på fjellet
			alice& {"event":"search","ref":"s","before":null,"state":null,"room":null}
			alice> search BLABÆR
			alice< history bob: Blåbær og ØL på fjellet
			alice> search ol
			alice< history bob: bare ol, naïve venner
			alice> search Naive
			alice< history bob: bare ol, naïve venner
			alice> search fjel
			alice< history
			alice> search fjel*
			alice< history bob: Blåbær og ØL på fjellet
			alice> search "og ol"
			alice< history
			alice> search "og øl"
			alice< history bob: Blåbær og ØL på fjellet
			alice> search "øl og"
			alice< history
			bob< nothing`,
		"a line for each, in a plain session": `bob alice-
			bob> msg one fine day
			bob< message*
			alice< message*
			bob> create den
			bob< info*
			alice> join den
			alice< info*
			bob< info*
			bob> msg another fine day
			bob< message*
			alice< message*
			bob> dm alice a fine secret
			bob< info*
			alice< message*
			alice> search fine
			alice< info server: 3 messages, the newest first.\n#3 to alice alone, bob, * a [fine] secret\n#2 in den, bob, * another [fine] day\n#1 in lobby, bob, * one [fine] day
			alice> search "fine day" in:lobby
			alice< info server: One message.\n#1 in lobby, bob, * one [fine day]
			alice> search nothing
			alice< info server: Nothing was found.`,
		"filters in any order": `alice bob carl
			bob> msg hello
			alice< message*
			bob< message*
			carl< message*
			carl> msg hello
			alice< message*
			bob< message*
			carl< message*
			bob> dm alice hello you
			bob< info*
			alice< message*
			carl> dm alice hello her
			carl< info*
			alice< message*
			alice> search hello
			alice< history carl: hello her | bob: hello you | carl: hello | bob: hello
			alice> search from:BOB hello
			alice< history bob: hello you | bob: hello
			alice> search hello in:lobby
			alice< history carl: hello | bob: hello
			alice> search in:lobby hello from:carl
			alice< history carl: hello
			alice> search hello with:bob
			alice< history bob: hello you
			alice> {"request":"search","content":{"words":"hello","with":"carl"}}
			alice< history carl: hello her
			alice> {"request":"search","content":{"words":"hello","page":3}}
			alice< history carl: hello | bob: hello
			alice> search hello before:2020-01-01
			alice< history
			alice> search hello after:2020-01-01 page:2
			alice< history bob: hello
			bob> search hello
			bob< history bob: hello you | carl: hello | bob: hello
			carl> search "hello you"
			carl< history`,
		"nothing of whom one has blocked": `alice! bob carl
			bob> msg hello
			alice< message*
			bob< message*
			carl< message*
			carl> msg hello
			alice< message*
			bob< message*
			carl< message*
			alice> block bob
			alice< info*
			alice> search hello
			alice< history carl: hello
			alice> search hello from:bob
			alice< history
			alice> unblock bob
			alice< info*
			alice> search hello
			alice< history carl: hello | bob: hello`,
		"rooms whose names begin alike, and those one is not in": `alice bob
			bob> create den
			bob< info*
			bob> msg hello den
			bob< message*
			bob> create den-2
			bob< info*
			bob> msg hello den-2
			bob< message*
			bob> search hello
			bob< history bob: hello den-2 | bob: hello den
			bob> search hello in:den
			bob< history bob: hello den
			bob> search hello in:DEN-2
			bob< history bob: hello den-2
			alice> search hello
			alice< history
			alice> search hello in:den
			alice< error server: You are not in den. Use: join den
			alice& {"code":"not_in_room"}
			alice> join den
			alice< info*
			alice< history*
			bob< info*
			alice> search hello
			alice< history bob: hello den
			bob> leave den-2
			bob< info*
			bob> search hello
			bob< history bob: hello den`,
		"of a private room what is behind the joining": `alice bob
			alice> create den private
			alice< info*
			alice> msg a secret
			alice< message*
			alice> invite bob
			alice< info*
			bob< info*
			bob> join den
			bob< info*
			alice< info*
			alice> msg no secret
			alice< message*
			bob< message*
			bob> search secret
			bob< history alice: no secret
			bob> search secret in:den
			bob< history alice: no secret
			alice> search secret
			alice< history alice: no secret | alice: a secret`,
		"nobody finds the direct messages of others": `alice bob carl
			bob> dm alice hello
			bob< info*
			alice< message*
			carl> search hello
			carl< history
			carl> search hello with:bob
			carl< history
			carl> search hello from:bob
			carl< history`,
		"what may be typed is never more than words": `alice
			alice> msg text AND x OR NOT
			alice< message*
			alice> search AND OR
			alice< history alice: text AND x OR NOT
			alice> search "text:AND" ^text NEAR(text
			alice< history
			alice> search text:and
			alice< history alice: text AND x OR NOT
			alice> search -x {x} (x) x+x
			alice< history`,
		"errors say what to do": `alice bob-
			alice> search "open
			alice< error server: A quote opens "open and none closes it. Use: search WORDS, or*
			alice& {"code":"bad_request"}
			bob> search !!!
			bob< error server: There is no letter and no digit in "!!!"*
			bob> search in:nowhere hello
			bob< error server: There is no room nowhere*
			alice> search hello with:nobody
			alice< error server: There is nobody called nobody.
			alice> search hello with:alice
			alice< error server: That is you.
			alice> search hello from:a_b
			alice< error*
			alice& {"code":"bad_name"}
			alice> search
			alice< error server: search is missing its words. Use: search WORDS*
			bob> search hello
			bob< info server: Nothing was found.`,
	})
}

// A plain session is told as many lines as there is time for, and how to go on.
func TestPlainSearchHasAsMuchAsThereIsTimeFor(t *testing.T) {
	cfg := company()
	cfg.Pace = time.Second // so 2 responses
	script := "bob alice-\n"
	for range 12 {
		script += "bob> msg a hello that is long and goes on, and what it says is said a second and a third time, until it has enough letters for an excerpt\nbob< message*\nalice< message*\n"
	}
	plays(t, cfg, map[string]string{"pages": script + `alice> search hello from:bob
		alice< info server: 5 messages, the newest first. For more use: search hello from:bob page:8\n#12*`})
}

func TestSearchOfWhatWasChanged(t *testing.T) {
	plays(t, company(), map[string]string{
		"edited and removed": `alice bob carl-
			alice> msg an old hello
			alice< message*
			bob< message*
			carl< message*
			bob> search hello
			bob< history alice: an old hello
			alice> edit 1 a new greeting
			alice< info*
			bob< info*
			carl< info*
			carl> search greeting
			carl< info server: One message.\n#1 in lobby, alice, *: a new [greeting] (edited)
			bob> search hello
			bob< history
			bob> search greeting
			bob< history alice: a new greeting
			alice> remove 1
			alice< info*
			bob< info*
			carl< info*
			bob> search greeting
			bob< history
			alice> search hello
			alice< history`,
	})
}
