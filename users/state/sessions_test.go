package state_test

import "testing"

// an is an account that may have three sessions at once, with two of them.
const an = `
	0 limit 3 ->
	0 add An hash=h -> An | account An h
	1 enter an #1 token=a verified=h -> An; An logged in@1 | account An h
	2 enter an #2 token=b verified=h -> An; beside | account An h
	2 sessions an -> 1:#1@1 2:#2@2`

func TestSessions(t *testing.T) {
	for name, lines := range map[string]string{
		"as many as may be": `
			3 enter an #3 token=c verified=h -> An; beside | account An h
			4 enter an #4 token=d verified=h -> logged in elsewhere
			5 enter an #4 token=d -> that name is registered
			5 enter an #4 token=d verified=old -> the password was changed meanwhile
			6 names -> An
			6 seen an -> since 1, away false
			6 sessions an -> 1:#1@1 2:#2@2 3:#3@3`,
		"an id is the lowest that is free": `
			3 enter an #3 token=c verified=h -> An; beside | account An h
			4 leave an #2 out -> An; beside
			5 enter an #4 token=d verified=h -> An; beside | account An h
			5 sessions an -> 1:#1@1 3:#3@3 2:#4@5
			6 leave an #1 out -> An; beside
			6 sessions an -> 3:#3@3 2:#4@5
			7 enter an #5 token=e verified=h -> An; beside | account An h
			7 sessions an -> 3:#3@3 2:#4@5 1:#5@7`,
		"who comes back with a token is in the place of who had it": `
			3 enter an #3 token=c verified=h back=a -> An; ended An#1; beside | account An h
			3 sessions an -> 1:#3@1 2:#2@2
			4 enter an #4 token=d verified=h back=b -> An; ended An#2; beside | account An h
			4 sessions an -> 1:#3@1 2:#4@2
			5 enter an #5 token=e verified=h back=a -> An; beside | account An h
			6 enter an #6 token=f verified=h back=e takeover -> An; ended An#5; beside | account An h
			6 sessions an -> 1:#3@1 2:#4@2 3:#6@5
			7 enter an #7 token=g verified=h back=f plain -> logged in elsewhere`,
		"a token needs the password": `
			3 enter an #3 token=c back=a -> that name is registered
			3 enter an #3 token=c back=b takeover -> that name is registered`,
		"the oldest is taken over if there are as many as may be": `
			3 enter an #3 token=c verified=h takeover -> An; beside | account An h
			4 enter an #4 token=d verified=h takeover -> An; ended An#1; beside | account An h
			4 sessions an -> 2:#2@2 3:#3@3 1:#4@4
			5 leave an #1 out -> the session is not there any more`,
		"a plain one is alone": `
			3 enter an #3 token=c verified=h plain -> logged in elsewhere
			3 enter an #3 token=c verified=h plain takeover -> An; ended An#1; ended An#2 | account An h
			3 sessions an -> 1:#3@3
			4 enter an #4 token=d verified=h -> logged in elsewhere
			5 enter an #4 token=d verified=h back=c -> An; ended An#3 | account An h
			5 sessions an -> 1:#4@3
			6 enter an #5 token=e verified=h -> An; beside | account An h`,
		"one takes over from a plain one": `
			3 enter an #3 token=c verified=h plain takeover -> An; ended An#1; ended An#2 | account An h
			4 enter an #4 token=d verified=h takeover -> An; ended An#3 | account An h
			5 sessions an -> 1:#4@4`,
		"a limit of one is strict": `
			3 limit 1 ->
			3 sessions an -> 1:#1@1 2:#2@2
			4 enter an #3 token=c verified=h -> logged in elsewhere
			4 enter an #3 token=c verified=h takeover -> An; ended An#1; ended An#2 | account An h
			5 enter an #4 token=d verified=h -> logged in elsewhere
			5 limit 0 ->
			5 enter an #4 token=d verified=h -> logged in elsewhere
			5 limit -1 ->
			5 enter an #4 token=d verified=h -> logged in elsewhere
			6 enter an #4 token=d verified=h takeover -> An; ended An#3 | account An h
			6 sessions an -> 1:#4@6`,
		"so many end that one more is not too many": `
			3 enter an #3 token=c verified=h -> An; beside | account An h
			3 limit 2 ->
			4 enter an #4 token=d verified=h takeover -> An; ended An#1; ended An#2; beside | account An h
			4 sessions an -> 3:#3@3 1:#4@4`,
		"a guest has one": `
			3 enter bob #3 token=c -> bob; bob logged in@3
			4 enter bob #4 token=d -> name taken
			4 enter bob #4 token=d takeover -> name taken
			4 enter bob #4 token=d back=c -> bob; ended bob#3
			5 sessions BOB -> 1:#4@3
			5 sessions carl ->`,
		"a guest who registers may have more": `
			3 enter bob #3 token=c -> bob; bob logged in@3
			4 register bob #3 hash=h -> bob | account bob h
			5 enter bob #4 token=d verified=h -> bob; beside | account bob h`,
		"a name is gone with the last": `
			3 leave an #1 lost -> An; beside
			3 leave an #1 lost -> the session is not there any more
			9 due ->
			9 names -> An
			9 sessions an -> 2:#2@2
			10 leave an #2 lost -> An | account An h
			10 names ->
			11 enter an #3 token=c verified=h -> An | account An h
			11 sessions an -> 1:#3@11
			12 enter an #4 token=d verified=h -> An; beside | account An h
			13 leave an #3 timeout -> An; beside
			14 leave an #4 out -> An; An logged out@14 | account An h`,
		"any of them may act": `
			3 enter bob #3 token=c -> bob; bob logged in@3
			4 direct an #1 bob -> bob | direct an>~c
			4 direct an #2 bob -> bob | direct an>~c
			5 leave an #1 out -> An; beside
			6 direct an #1 bob -> the session is not there any more
			6 direct an #2 bob -> bob | direct an>~c`,
		"an end": `
			3 end an #1 1 -> who asks has no such session
			3 end an #1 3 -> who asks has no such session
			3 end an #1 0 -> who asks has no such session
			3 end an #9 1 -> the session is not there any more
			4 end an #2 1 -> An; ended An#1; beside
			4 end an #1 2 -> the session is not there any more
			4 sessions an -> 2:#2@2
			5 end an #2 1 -> who asks has no such session
			6 enter bob #3 token=c -> bob; bob logged in@6
			7 end bob #3 2 -> who asks has no such session`,
		"away is the person": `
			3 away an #1 lunch ->
			4 leave an #1 out -> An; beside
			4 seen an -> since 1, away true
			5 enter an #3 token=c verified=h -> An; beside | account An h
			5 seen an -> since 1, away true
			6 back an #3 ->
			6 back an #2 -> who comes back was not away
			7 away an #2 ->
			8 leave an #2 out -> An; beside
			8 leave an #3 lost -> An | account An h
			9 enter an #4 token=d verified=h -> An | account An h
			9 seen an -> since 1, away true`,
		"all hear nothing of who is blocked": `
			3 enter bob #3 token=c -> bob; bob logged in@3
			4 block an #1 bob -> bob | block An>bob
			4 deaf bob -> [1 2]
			5 enter an #4 token=d verified=h -> An; beside | account An h
			5 deaf bob -> [1 2 4]
			5 untold bob -> [1 2 3 4]
			5 untold an -> [1 2 3 4]
			6 end an #4 1 -> An; ended An#1; beside
			6 deaf bob -> [2 4]
			7 enter an #5 token=e verified=h back=d -> An; ended An#4; beside | account An h
			7 deaf bob -> [2 5]
			8 unblock an #2 bob -> bob | -block An>bob
			8 deaf bob -> []
			9 block an #5 bob -> bob | block An>bob
			9 leave an #2 out -> An; beside
			9 deaf bob -> [5]
			9 leave an #5 out -> An; An logged out@9 | account An h
			9 deaf bob -> []`,
		"a deletion ends all": `
			3 enter bob #3 token=c -> bob; bob logged in@3
			4 block an #1 bob -> bob | block An>bob
			5 delete an -> An; ended An#1; ended An#2; An logged out@5 | -account An h, -block An>bob, forgotten an
			5 deaf bob -> []
			5 sessions an ->
			6 enter an #4 token=d -> an; an logged in@6`,
		"a new password leaves them": `
			3 sethash an hash=h2 -> An | account An h2
			3 sessions an -> 1:#1@1 2:#2@2
			4 enter an #3 token=c verified=h -> the password was changed meanwhile
			4 enter an #3 token=c verified=h2 -> An; beside | account An h2`,
	} {
		t.Run(name, func(t *testing.T) { play(t, an+lines) })
	}
}
