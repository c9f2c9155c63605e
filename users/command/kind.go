package command

// A Kind is what a command is, as its encoding says it. Numbers are never given anew.
type Kind uint16

// The kinds.
const (
	KindEnter Kind = 1 + iota
	KindLeave
	KindRegister
	KindSetHash
	KindWrongPassword
	KindRightPassword
	KindMessage
	KindDirect
	KindSeen
	KindBlock
	KindUnblock
	KindAway
	KindBack
	KindInvite
	KindAccept
	KindDecline
	KindWithdraw
	KindLapseInvitations
	KindDepart
	KindForgetGuest
	KindSweep
	KindAddAccount
	KindDeleteAccount
	KindUnlock
	KindLimits
	KindCreateRoom
	KindJoinRoom
	KindLeaveRoom
	KindSetTopic
	KindInviteToRoom
	KindRead
	KindEndSession
	KindSetRole
	KindKick
	KindSanction
	KindLift
	KindLockdown
	KindSlow
	KindAnnounce
	KindReport
	KindEdit
	KindRemove
	KindReact
	KindKeep
	KindPrune
	KindForgetMe
	KindAddHook
	KindDropHook
	KindHookMessage
	KindAddOutgoingHook
	KindStopHook
)

// The kinds that are about nodes. The numbers in between stay free: nodes tell each other the
// highest number that they know, so a kind that comes later has one above all others.
const (
	KindBegin Kind = 80 + iota
	KindHeartbeat
	KindGone
)

// The kinds that have come since nodes can share a log: see Base.
const (
	KindHooksSent Kind = KindGone + 1 + iota
)

// OfNodes reports whether commands of a kind are about nodes: without them nodes could not tell
// each other which kinds they know.
func (k Kind) OfNodes() bool { return KindBegin <= k && k <= KindGone }

// KindOf returns the kind of a command.
func KindOf(c Command) Kind { return c.kind() }

func (*Enter) kind() Kind            { return KindEnter }
func (*Leave) kind() Kind            { return KindLeave }
func (*Register) kind() Kind         { return KindRegister }
func (*SetHash) kind() Kind          { return KindSetHash }
func (*WrongPassword) kind() Kind    { return KindWrongPassword }
func (*RightPassword) kind() Kind    { return KindRightPassword }
func (*Message) kind() Kind          { return KindMessage }
func (*Direct) kind() Kind           { return KindDirect }
func (*Seen) kind() Kind             { return KindSeen }
func (*Block) kind() Kind            { return KindBlock }
func (*Unblock) kind() Kind          { return KindUnblock }
func (*Away) kind() Kind             { return KindAway }
func (*Back) kind() Kind             { return KindBack }
func (*Invite) kind() Kind           { return KindInvite }
func (*Accept) kind() Kind           { return KindAccept }
func (*Decline) kind() Kind          { return KindDecline }
func (*Withdraw) kind() Kind         { return KindWithdraw }
func (*LapseInvitations) kind() Kind { return KindLapseInvitations }
func (*Depart) kind() Kind           { return KindDepart }
func (*ForgetGuest) kind() Kind      { return KindForgetGuest }
func (*Sweep) kind() Kind            { return KindSweep }
func (*AddAccount) kind() Kind       { return KindAddAccount }
func (*DeleteAccount) kind() Kind    { return KindDeleteAccount }
func (*Unlock) kind() Kind           { return KindUnlock }
func (*Limits) kind() Kind           { return KindLimits }
func (*CreateRoom) kind() Kind       { return KindCreateRoom }
func (*JoinRoom) kind() Kind         { return KindJoinRoom }
func (*LeaveRoom) kind() Kind        { return KindLeaveRoom }
func (*SetTopic) kind() Kind         { return KindSetTopic }
func (*InviteToRoom) kind() Kind     { return KindInviteToRoom }
func (*Read) kind() Kind             { return KindRead }
func (*EndSession) kind() Kind       { return KindEndSession }
func (*SetRole) kind() Kind          { return KindSetRole }
func (*Kick) kind() Kind             { return KindKick }
func (*Sanction) kind() Kind         { return KindSanction }
func (*Lift) kind() Kind             { return KindLift }
func (*Lockdown) kind() Kind         { return KindLockdown }
func (*Slow) kind() Kind             { return KindSlow }
func (*Announce) kind() Kind         { return KindAnnounce }
func (*Report) kind() Kind           { return KindReport }
func (*Edit) kind() Kind             { return KindEdit }
func (*Remove) kind() Kind           { return KindRemove }
func (*React) kind() Kind            { return KindReact }
func (*Keep) kind() Kind             { return KindKeep }
func (*Prune) kind() Kind            { return KindPrune }
func (*ForgetMe) kind() Kind         { return KindForgetMe }
func (*AddHook) kind() Kind          { return KindAddHook }
func (*DropHook) kind() Kind         { return KindDropHook }
func (*HookMessage) kind() Kind      { return KindHookMessage }
func (*AddOutgoingHook) kind() Kind  { return KindAddOutgoingHook }
func (*StopHook) kind() Kind         { return KindStopHook }
func (*HooksSent) kind() Kind        { return KindHooksSent }
func (*Begin) kind() Kind            { return KindBegin }
func (*Heartbeat) kind() Kind        { return KindHeartbeat }
func (*Gone) kind() Kind             { return KindGone }
