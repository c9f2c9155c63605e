// Package monitor lets the operator of a server see how it does: by HTTP, at an address of
// its own that only this machine reaches, unless the operator says otherwise.
//
//	/healthz       200 while the loops answer, 503 with the reason if one has not for 10 s:
//	               the process is to be started anew
//	/readyz        200 while clients can log in and be told what they say, 503 with the reason
//	               while the server is starting or stopping, its storage fails, or the log
//	               that it shares with others stands still or is being read
//	/metrics       the metrics below, as Prometheus reads them
//	/debug/pprof/  profiles of the running program, for go tool pprof
//
// What is counted on the loops are plain numbers that their owners add to. A scrape asks
// each loop for its own; nothing is locked, and between scrapes nothing is done. No label
// has a name of a user or a room, or an address: who sees the metrics learns nothing of
// people, and there are as many series as this list has.
//
// # Metrics
//
// Those whose name ends in _total begin at 0 with the process. A server that cannot answer
// shows parley_up 0 and none of those that are marked *.
//
//	parley_up                                 1 while the server answers a scrape, else 0
//	parley_ready                              1 while /readyz says so, else 0
//	parley_connections{kind}                * connections now; kind: logged_out (has not logged in, or
//	                                          is about to end), plain, extended
//	parley_connections_opened_total         * connections
//	parley_connections_refused_total{reason}  connections that were not let in; reason: full, address, proxy,
//	                                          not_tls (at an address with TLS), handshake (of TLS: failed
//	                                          or took too long)
//	parley_tls_handshakes{stage}              connections before the end of their TLS handshake now; stage:
//	                                          hello (has not sent all of it), waiting (others are to be
//	                                          done first, see --tls-handshakes), running
//	parley_connections_dropped_total{reason} * connections that the server has ended; reason:
//	                                          slow (did not read enough), stalled (read nothing), memory (did not read, and --max-waiting
//	                                          was reached), rekeying (TLS records without data, again and again), login_timeout, login_size, idle, silent (hung), no_json,
//	                                          malformed, banned, ended (by who keeps order, the owner or
//	                                          another session), flood (sent too much, and went on),
//	                                          fault (of the server's own)
//	parley_logins_total{kind}               * logins; kind: guest, account
//	parley_login_failures_total{reason}     * logins that were refused; reason: a code of the protocol
//	parley_messages_total{kind}             * messages that were said; kind: room, direct
//	parley_flooding_requests_total{kind}    * requests that came faster than their user may send, or all
//	                                          together; kind: delayed (had to wait), refused, abandoned
//	                                          (of who was gone, when too many left at once)
//	parley_deliveries_total                 * messages that were passed to one session each, as they were
//	                                          said: those of a room, with changes of them, and direct
//	                                          ones, which count as soon as they are decided
//	parley_queue_bytes{queue}               * bytes that wait; queue: clients (for who does not read,
//	                                          and for the pauses of plain sessions), commit (until
//	                                          what they tell is safe)
//	parley_panics_total                     * faults of the program (panics) that cost no more than a
//	                                          connection; each is in the log with its stack
//	parley_uncommitted_commands             * commands that were carried out and are not safe yet
//	parley_storage_failing                  * 1 while what was decided cannot be kept, else 0
//	parley_commit_duration_seconds            histogram of seconds that a commit took until it was safe, or
//	                                          had failed; with --data :memory: there is none
//	parley_commit_failures_total              commits that have failed
//	parley_loop_lag_seconds{loop}             histogram of seconds until a loop did what it was asked for;
//	                                          loop: its index
//	parley_loop_stalled_seconds{loop}         seconds for which a loop has not answered, 0 if it does
//	parley_loop_turns_total{loop}           * turns of a loop: each writes once to a connection
//	parley_timer_wakeups_total{loop}        * turns because a time had come
//	parley_timers{kind}                     * connections on which something happens when a time has passed;
//	                                          kind: login, idle, silence, pace (of plain sessions), and
//	                                          invitation: private sessions that wait for an answer
//	parley_hook_deliveries_total              events that outgoing hooks have delivered
//	parley_hook_failures_total                tries of outgoing hooks that have failed
//	parley_hook_lag_seconds                   seconds for which the oldest event waits that an outgoing
//	                                          hook has not delivered, 0 if none waits
//	parley_node_frames_total{kind}          * frames of private sessions between this node of a cluster
//	                                          and others; kind: sent, arrived, unsent (too much waited),
//	                                          stale (for a session that is over), doubled, gap (one was
//	                                          lost before it, which ends the session), foreign (is none)
//	parley_relays                           * private sessions for which the server relays now
//	parley_relayed_bytes_total              * bytes that were relayed, as the relay's window counts them:
//	                                          sealed bytes in base64, and 256 for each frame
//
// A node of a cluster (parley serve --cluster) has these, too:
//
//	parley_log_position                     * position of the message of the log that was carried out last
//	parley_log_behind_messages              * messages that are known to be in the log and were not carried
//	                                          out; of a node that does not reach the log it stays as it was
//	parley_log_standing                     * 1 while this node decides nothing with the others, since what
//	                                          it proposes does not come back, or it reads what there was
//	parley_log_turns_total{kind}            * turns that were published in the log; kind: new, again (had
//	                                          not come back within a second)
//	parley_log_fetches_total                * times that the log was asked for messages: at the start,
//	                                          for those that were not heard, and after a second of silence
//	parley_log_epochs_total                 * epochs that this node has begun: one, and one more for each
//	                                          time that the others have taken it for gone
//
// Those of the program itself come from the client library of Prometheus: go_... (memory,
// goroutines, garbage collection) and process_... (CPU, memory, open files).
//
// # Lag
//
// Ten times a second each loop is asked to answer, and how long that takes is the lag: what
// a request waits before the loop looks at it. While an answer is missing no other is asked
// for; when it comes, those that were due meanwhile count as well, each with the time that
// it would have waited, so that a stall of a second is ten in a histogram and not one.
//
// # What it costs
//
// Counting costs nothing that can be measured: user CPU per message into a room of 1,000 and
// of 5,000, and per login and logout, before there were counts and since then, the best of
// 23 runs in turn on 2 cores that had much else to do (AMD EPYC, Go 1.26.8, 2026-11-26); the
// bytes and allocations of each are the same. go test -run '^$' -bench 'Path|Blocked'
// ./eventloop/server
//
//	                          before   since
//	message, room of 1,000   12.7 us   12.2 us
//	message, room of 5,000   58.5 us   55.4 us
//	login and logout         12.5 us   13.1 us
//
// # Dashboard and alerts
//
// dashboard.json is for Grafana, alerts.yaml for Prometheus. A test holds both to what is
// there.
package monitor
