package load

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSchedule(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name  string
		s     schedule
		d     time.Duration
		count int
		due   map[int]time.Duration
	}{
		{"even", schedule{rate: 100}, time.Second, 100, map[int]time.Duration{0: 0, 1: 10 * ms, 50: 500 * ms, 99: 990 * ms}},
		{"slow", schedule{rate: 0.5}, 3 * time.Second, 2, map[int]time.Duration{1: 2 * time.Second}},
		{"not at all", schedule{}, time.Second, 0, nil},
		// 100 messages while the rate rises to 100 a second over 2 s: k are due at 200*sqrt(k) ms.
		{"ramp", schedule{rate: 100, ramp: 2 * time.Second}, 3 * time.Second, 200,
			map[int]time.Duration{0: 0, 1: 200 * ms, 25: time.Second, 100: 2 * time.Second, 101: 2010 * ms, 199: 2990 * ms}},
		{"ramp all the time", schedule{rate: 100, ramp: 2 * time.Second}, 2 * time.Second, 100, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.s.count(tt.d); got != tt.count {
				t.Errorf("%d messages are due within %s, want %d", got, tt.d, tt.count)
			}
			for k, want := range tt.due {
				if got := tt.s.due(k); (got - want).Abs() > time.Microsecond {
					t.Errorf("message %d is due at %s, want %s", k, got, want)
				}
			}
			for k := 1; k < tt.count; k++ {
				if tt.s.due(k) < tt.s.due(k-1) {
					t.Fatalf("message %d is due before the one before it", k)
				}
			}
		})
	}
}

func base() Scenario {
	return Scenario{Name: "room", Clients: 10, Senders: 2, Rate: 10, Window: 64, Size: 100, Duration: time.Second, Drop: 50, Miss: 3}
}

func TestParseScenarios(t *testing.T) {
	got, err := ParseScenarios(strings.NewReader("# people\n\nroom clients=1000 senders=4 rate=0.5 duration=30s ramp=1m  # crowded\nroom rate=0 ramp=1m\n\tlogin clients=1 window=7\n"), base(), false)
	if err == nil || !strings.HasPrefix(err.Error(), "line 3: ramp is 1m0s") {
		t.Errorf("%v, %v", got, err)
	}
	got, err = ParseScenarios(strings.NewReader("# people\n\nroom clients=1000 senders=4 rate=0.5 duration=90s ramp=1m  # crowded\n\tlogin clients=1 window=7\ndm accounts=2 size=50 drop=1\n"), base(), false)
	if err != nil {
		t.Fatal(err)
	}
	room, login, dm := base(), base(), base()
	room.Clients, room.Senders, room.Rate, room.Duration, room.Ramp = 1000, 4, 0.5, 90*time.Second, time.Minute
	login.Name, login.Clients, login.Senders, login.Window = "login", 1, 1, 7
	dm.Name, dm.Accounts, dm.Size, dm.Drop = "dm", 2, 50, 1
	if diff := cmp.Diff([]Scenario{room, login, dm}, got); diff != "" {
		t.Error(diff)
	}
}

func TestScenariosThatCannotBeRun(t *testing.T) {
	for _, tt := range []struct {
		file  string
		plain bool
		says  string
	}{
		{"", false, "there is no scenario in it"},
		{"# nothing\n", false, "there is no scenario in it"},
		{"room\nparty\n", false, `line 2: there is no scenario "party"; there are room, dm,`},
		{"room clients\n", false, `line 1: "clients" is not a setting: KEY=VALUE with one of accounts, churn, clients,`},
		{"\n\nroom guests=3\n", false, `line 3: "guests=3" is not a setting`},
		{"room clients=many\n", false, `line 1: clients: "many" is not a whole number`},
		{"room rate=fast\n", false, `line 1: rate: "fast" is not a number`},
		{"room duration=10\n", false, `line 1: duration: "10" is not a duration such as 10s`},
		{"room clients=0\n", false, "line 1: clients is 0"},
		{"room senders=-1\n", false, "line 1: senders is -1"},
		{"room rate=-1\n", false, "line 1: rate is -1"},
		{"room rate=NaN\n", false, "line 1: rate is NaN"},
		{"room window=0\n", false, "line 1: window is 0"},
		{"room size=27\n", false, "line 1: size is 27; it can be 28 to 4096 bytes"},
		{"room size=5000\n", false, "line 1: size is 5000"},
		{"room duration=0s\n", false, "line 1: duration is 0s"},
		{"room ramp=-1s\n", false, "line 1: ramp is -1s"},
		{"room accounts=11\n", false, "line 1: accounts is 11"},
		{"room accounts=1\n", true, "line 1: accounts is 1; passwords are not in the course protocol"},
		{"dm clients=3\n", false, "line 1: clients is 3; dm needs an even number"},
		{"dm\n", true, "line 1: dm needs requests that only Parley has"},
		{"mixed rate=0\n", false, "line 1: rate is 0; mixed needs one"},
		{"reconnect drop=101\n", false, "line 1: drop is 101"},
		{"reconnect senders=10\n", false, "line 1: senders is 10; reconnect needs clients who do not send"},
		{"resume senders=10\n", false, "line 1: senders is 10; resume needs clients who do not send"},
		{"resume rate=0\n", false, "line 1: rate is 0; resume needs one"},
		{"resume miss=-1\n", false, "line 1: miss is -1"},
		{"resume\n", true, "line 1: resume needs requests that only Parley has"},
		{"room rooms=-1\n", false, "line 1: rooms is -1; it can be 0 to 50000"},
		{"room rooms=5 rooms-each=1 churn=1 rate=0\n", false, "line 1: rate is 0; churn needs one"},
		{"room rooms=5 rooms-each=1 churn=1 senders=10\n", false, "line 1: senders is 10; churn needs clients who do not send"},
		{"room rooms=5 rooms-each=1 churn=-1\n", false, "line 1: churn is -1"},
		{"room churn=1\n", false, "line 1: churn is 1; it needs rooms"},
		{"room rooms=5\n", false, "line 1: rooms-each is 0; it can be 1 to 5"},
		{"room rooms=5 rooms-each=6\n", false, "line 1: rooms-each is 6; it can be 1 to 5"},
		{"room clients=1000 rooms=500 rooms-each=101\n", false, "line 1: rooms-each is 101; it can be 1 to 100"},
		{"room rooms=50 rooms-each=4\n", false, "line 1: rooms is 50; 10 clients that are in 4 of them each fill 40"},
		{"room clients=10 rooms=501 rooms-each=90\n", false, "line 1: rooms is 501; 10 clients can make 500, at most 50 each"},
		{"resume senders=10 rooms=5 rooms-each=1\n", false, "line 1: senders is 10; resume needs clients who do not send"},
		{"room rooms=5 rooms-each=1\n", true, "line 1: rooms is 5; rooms are not in the course protocol"},
		{"room clients=100000 senders=100000 rooms=50 rooms-each=50\n", false, "pairs of clients and senders of one room; at most"},
		{"room clients=100000 senders=100000\n", false, "line 1: clients times senders is 10000000000"},
	} {
		if _, err := ParseScenarios(strings.NewReader(tt.file), base(), tt.plain); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v, which lacks %q", tt.file, err, tt.says)
		}
	}
}

// So many talk as is said or, if nothing is, a few and somebody in each room.
func TestSetSenders(t *testing.T) {
	for _, tt := range []struct {
		s    Scenario
		want int
	}{
		{Scenario{Name: "room", Clients: 10}, 4},
		{Scenario{Name: "room", Clients: 3}, 3},
		{Scenario{Name: "room", Clients: 10, Senders: 7}, 7},
		{Scenario{Name: "room", Clients: 10, Senders: 20}, 10},
		{Scenario{Name: "room", Clients: 100, Rooms: 100, RoomsEach: 3}, 34},
		{Scenario{Name: "room", Clients: 100, Rooms: 6, RoomsEach: 3}, 4},
		{Scenario{Name: "dm", Clients: 100, Rooms: 100, RoomsEach: 3}, 4},
		{Scenario{Name: "resume", Clients: 4}, 3},
		{Scenario{Name: "room", Clients: 4, Rooms: 4, RoomsEach: 1, Churn: 1}, 3},
	} {
		s := tt.s
		if s.SetSenders(); s.Senders != tt.want {
			t.Errorf("%+v: %d, want %d", tt.s, s.Senders, tt.want)
		}
	}
}

func TestThresholds(t *testing.T) {
	const ms = time.Millisecond
	r := Result{Scenario: base(), Lasted: 2 * time.Second, Deliveries: 1000, Lost: 1, Missed: 2, Doubled: 3, Disordered: 4, Altered: 5, Refused: 6,
		Delivery: Quantiles{Count: 1000, Mean: 4 * ms, P50: 5 * ms, P90: 6 * ms, P95: 6500 * time.Microsecond, P99: 7 * ms, P999: 8 * ms, Max: 9 * ms},
		Login:    Quantiles{Count: 10, P99: 70 * ms}, Troubles: []Trouble{{Count: 2}, {Count: 5}}, Server: ServerCost{PerDelivery: 3 * time.Microsecond}}
	for text, want := range map[string]Judgement{
		"p99>50ms": {Value: "7.00ms", Verdict: Held}, "p99>7ms": {Value: "7.00ms", Verdict: Held}, "p99>=7ms": {Value: "7.00ms", Verdict: Crossed},
		"p99<7ms": {Value: "7.00ms", Verdict: Held}, "p99<=7ms": {Value: "7.00ms", Verdict: Crossed},
		" p99.9 > 7.9ms ": {Value: "8.00ms", Verdict: Crossed, Note: "of 1,000 samples, where p99.9 needs 2,995"}, "delivery.p50>1ms": {Value: "5.00ms", Verdict: Crossed},
		"mean>3ms": {Value: "4.00ms", Verdict: Crossed}, "p90>5ms": {Value: "6.00ms", Verdict: Crossed}, "p95>7ms": {Value: "6.50ms", Verdict: Held}, "max>8ms": {Value: "9.00ms", Verdict: Crossed},
		"login.p99>50ms":         {Value: "70.0ms", Verdict: Crossed, Note: "of 10 samples, where p99 needs 299"},
		"acknowledgement.p99>0s": {Verdict: Unmeasured}, "acknowledgement.p99<1s": {Verdict: Unmeasured},
		"lost>0": {Value: "3", Verdict: Crossed}, "doubled>2": {Value: "3", Verdict: Crossed}, "disordered>=4": {Value: "4", Verdict: Crossed},
		"altered>5": {Value: "5", Verdict: Held}, "errors>6": {Value: "7", Verdict: Crossed}, "refused>5": {Value: "6", Verdict: Crossed}, "rate<501": {Value: "500", Verdict: Crossed},
		"cpu>2us": {Value: "3.00µs", Verdict: Crossed},
	} {
		th, err := ParseThreshold(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		want.Scenario, want.Threshold = "room", text
		if diff := cmp.Diff(want, th.Judge(&r)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for text, says := range map[string]string{
		"": "is not a threshold", "p99": "is not a threshold", "p99=5ms": "is not a threshold", "p99>5ms>1": `"5ms>1" is not a duration`, "p98>5ms": `there is no "p98"; there are acknowledgement.max,`,
		"p99>5": `"5" is not a duration such as 50ms`, "lost>few": `"few" is not a number`,
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, which lacks %q", text, err, says)
		}
	}
}

// Each line of a file is a scenario that can be run, and the same without comments; an error
// names the line.
func FuzzScenarios(f *testing.F) {
	f.Add("# people\n\nroom clients=1000 senders=4 rate=0.5 duration=30s ramp=1m  # crowded\n", false)
	f.Add("dm accounts=2 size=50 drop=1\nlogin rate=0\r\nprivate\n", true)
	f.Add("room rate=NaN\nroom rate=1e999\nroom duration=-1s clients=-1\n", false)
	f.Add("room senders=0x10 drop=Inf churn=-0", false)
	f.Fuzz(func(t *testing.T, text string, plain bool) {
		list, err := ParseScenarios(strings.NewReader(text), base(), plain)
		if err != nil {
			if list != nil || err.Error() == "" {
				t.Errorf("%q is %+v, %v", text, list, err)
			}
			return
		}
		for _, s := range list {
			if err := s.Check(plain); err != nil {
				t.Errorf("%q has %+v: %v", text, s, err)
			}
			for _, x := range []float64{s.Rate, s.Drop, s.Churn} {
				if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
					t.Errorf("%q has %+v", text, s)
				}
			}
			if s.Clients < 1 || s.Duration < 0 || s.Ramp < 0 || s.Senders < 0 || s.Senders > s.Clients || s.Window < 0 || s.Size < 0 {
				t.Errorf("%q has %+v", text, s)
			}
		}
	})
}
