package server

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/eventloop/doctor"
)

// A verdict is what the probe says of one of its points: PASS, FAIL, or NOTE of what it
// only remarks.
type verdict struct{ Name, Verdict, Detail string }

// theProbe returns where python3 and probe_server.py are. Without one of them the test is
// skipped.
func theProbe(t *testing.T) (python, probe string) {
	t.Helper()
	probe, _ = filepath.Abs("../../../../shared/interop/probe_server.py")
	if _, err := os.Stat(probe); err != nil {
		t.Skip("there is no ../shared/interop/probe_server.py")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	return python, probe
}

// otherNames are points that the probe has under other names, or several of ours in one.
var otherNames = map[string][]string{
	"all_responses_have_the_four_keys": {"all_responses_have_the_four_keys", "keys_in_small_letters"},
	"all_responses_of_a_known_kind":    {"all_responses_of_a_known_kind", "keys_in_small_letters"},
	"burst_of_50_in_order":             {"burst_in_order"},
}

// differs are points of which the probe says less: it uses the session of the point before,
// which has failed.
var differs = map[string]string{"others_still_served_after_drops": "name_free_after_reset"}

// oursOf returns the names of our points that ask what one of the probe's does.
func oursOf(name string) []string {
	if names := otherNames[name]; names != nil {
		return names
	}
	return []string{name}
}

// compareWithProbe holds a report against the probe's verdicts, point by point. It returns
// how many points were compared.
func compareWithProbe(t *testing.T, theirs []verdict, r doctor.Report) (compared int) {
	t.Helper()
	for _, v := range theirs {
		if what, isLenient := strings.CutSuffix(v.Name, "_connection"); isLenient && points(r, what+"_survived") != nil {
			v = survived(theirs, what)
		}
		if v.Verdict == "NOTE" || v.Name == "connect" || points(r, strings.Replace(v.Name, "_gets_error", "_survived", 1)) != nil && strings.HasSuffix(v.Name, "_gets_error") {
			continue
		}
		if before := points(r, differs[v.Name]); len(before) > 0 && before[0].Bad() {
			t.Logf("%s is not compared: the probe asks it of a session that could not log in", v.Name)
			continue
		}
		compared++
		passed, found := true, ""
		for _, p := range points(r, oursOf(v.Name)...) {
			passed = passed && p.Verdict == doctor.Pass
			found += string(p.Verdict) + " " + p.Found
		}
		if found == "" || passed != (v.Verdict == "PASS") {
			t.Errorf("%s: the probe says %s (%s), the doctor %s", v.Name, v.Verdict, v.Detail, found)
		}
	}
	return compared
}

// survived is what the probe says of something that a server may as well take for a text:
// that it gets an error, or in a remark that the connection still serves.
func survived(theirs []verdict, what string) verdict {
	v := verdict{Name: what + "_survived", Verdict: "FAIL"}
	for _, x := range theirs {
		switch x.Name {
		case what + "_gets_error", what + "_connection":
			v.Detail += x.Detail + "; "
			if x.Verdict == "PASS" || x.Detail == "still serves" {
				v.Verdict = "PASS"
			}
		}
	}
	return v
}

// points returns those of a report with some names.
func points(r doctor.Report, names ...string) (list []doctor.Point) {
	for _, p := range r.Points {
		if slices.Contains(names, p.ID) {
			list = append(list, p)
		}
	}
	return list
}

// tape has the probe judge a transcript. The probe itself runs against the recording
// (tape.py replaces its sockets, its clock and its dice, and fails if it does anything else
// than it did then), and not against the replay that the doctor talks to. So its verdicts
// are those of the recorded bytes, and a replay that says something else than the server
// did leads to other ones. A point that was played in several groups has to pass in all.
func tape(t *testing.T, python, probe, path string) (theirs []verdict) {
	cmd := exec.Command(python, "testdata/tape.py", probe, path)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var groups map[string][]verdict
	if err := json.Unmarshal(out, &groups); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, group := range []string{"chat", "before", "leave", "two_requests_glued"} { // remarks are those of the first
		for _, v := range groups[group] {
			i := slices.IndexFunc(theirs, func(x verdict) bool { return x.Name == v.Name })
			switch {
			case i < 0:
				theirs = append(theirs, v)
			case v.Verdict == "FAIL":
				theirs[i] = v
			}
		}
	}
	return theirs
}

// notRecorded are points that a transcript may lack, and why.
var notRecorded = map[string]string{
	"connect":                                       "a transcript begins behind it",
	"request_split_in_two_segments":                 "of this group the probe has recorded two_requests_glued alone",
	"request_in_one_byte_segments":                  "of this group the probe has recorded two_requests_glued alone",
	"two_requests_newline_separated_in_one_segment": "of this group the probe has recorded two_requests_glued alone",
	"login_and_msg_glued":                           "of this group the probe has recorded two_requests_glued alone",
	"msg_sender_is_username":                        "the probe looks at the sender of a message response alone, and none was delivered",
	"msg_after_logout_rejected":                     "the server has closed the connection, and the probe asks nothing then",
}

// remarks are points of the group shape on which the probe has no verdict, but remarks
// something that says which it is: the point is not passed where the pattern is found.
var remarks = map[string]struct {
	name    string
	pattern *regexp.Regexp
}{
	"one_response_per_segment":    {"history_shape", regexp.MustCompile(`\(\d+, ([2-9]|\d\d)\)`)}, // reads (bytes, objects)
	"history_as_most_can_read":    {"history_shape", regexp.MustCompile(`^list of dict|^str; \d+ .* of kind history`)},
	"no_newline_behind_responses": {"framing", regexp.MustCompile("after each response: \n")},
	"timestamp_is_a_string":       {"timestamp_shapes", regexp.MustCompile(`"(int|float|NoneType)"`)},
	"sender_is_a_string":          {"sender_in_server_responses", regexp.MustCompile(`null`)},
	"names_as_one_string":         {"names_shape", regexp.MustCompile(`^list`)},
	"responses_of_4096_bytes":     {"largest_response", regexp.MustCompile(`^(409[7-9]|4[1-9]\d\d|[5-9]\d{3}|\d{5,}) bytes`)},
}

// withCapitals are remarks for which the probe looks for keys in small letters alone: of
// a server whose keys have capitals it says that they are missing, the doctor what they are.
var withCapitals = []string{"timestamp_is_a_string", "sender_is_a_string"}

// unremarked are points of which the probe says nothing, and what the recorded servers are
// like there: by reading the transcripts.
var unremarked = map[string]string{
	"login_says_success":      "AudunVN-TTM4100-chat lightbits-ttm4100 olav-st-ttm4100-project sindrehan-TTM4100-Project", // "succesful"
	"response_in_one_segment": "", "newline_in_the_same_segment": "", "compact_json": "", "sender_is_a_plain_word": "", "no_objects_in_extra_keys": "",
}

// compareWithTape holds a report against what the probe says of a transcript. All of the
// points are compared, or it is said why not.
func compareWithTape(t *testing.T, theirs []verdict, r doctor.Report) {
	t.Helper()
	if n := compareWithProbe(t, theirs, r); n < 20 {
		t.Errorf("only %d points were compared: %v", n, theirs)
	}
	capitals := points(r, "keys_in_small_letters")[0].Bad()
	for _, p := range r.Points {
		remark, isRemark := remarks[p.ID]
		servers, isUnremarked := unremarked[p.ID]
		switch {
		case slices.ContainsFunc(theirs, func(v verdict) bool { return v.Verdict != "NOTE" && slices.Contains(oursOf(v.Name), p.ID) }):
		case capitals && slices.Contains(withCapitals, p.ID):
			t.Logf("%s is not compared: the probe does not see keys with capitals", p.ID)
		case isRemark:
			i := slices.IndexFunc(theirs, func(v verdict) bool { return v.Name == remark.name })
			if i < 0 || remark.pattern.MatchString(theirs[i].Detail) != p.Bad() {
				t.Errorf("%s: the probe remarks of %s %v, the doctor says %s %s", p.ID, remark.name, theirs[max(i, 0)], p.Verdict, p.Found)
			}
		case isUnremarked:
			if slices.Contains(strings.Fields(servers), t.Name()[strings.LastIndex(t.Name(), "/")+1:]) != p.Bad() {
				t.Errorf("%s: the doctor says %s %s", p.ID, p.Verdict, p.Found)
			}
		case notRecorded[p.ID] != "":
			t.Logf("%s is not compared: %s", p.ID, notRecorded[p.ID])
		default:
			t.Errorf("%s is not among the probe's points", p.ID)
		}
	}
}
