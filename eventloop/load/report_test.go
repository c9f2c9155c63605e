package load

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

// fixed is a report of everything that can be told.
func fixed() *Report {
	const ms = time.Millisecond
	room := Result{Scenario: Scenario{Name: "room", Clients: 1000, Senders: 4, Rate: 100, Window: 64, Size: 100, Duration: 10 * time.Second, Ramp: 2 * time.Second, Accounts: 10, Drop: 50},
		Lasted: 10*time.Second + 20*ms, Logins: 1000, Due: 900, Sent: 900, Done: 898, Refused: 2, Deliveries: 897990, Reads: 22_000,
		Delivery: Quantiles{897990, 4 * ms, 3210 * time.Microsecond, 6 * ms, 12 * ms, 28800 * time.Microsecond, 33 * ms, 1234 * ms, 0},
		Ack:      Quantiles{898, 5 * ms, 4 * ms, 7 * ms, 9 * ms, 30 * ms, 40 * ms, 50 * ms, 0},
		Login:    Quantiles{1000, 80 * ms, 70 * ms, 90 * ms, 95 * ms, 99950 * time.Microsecond, 120 * ms, time.Hour, 2},
		Sending:  Quantiles{900, 90 * time.Microsecond, 80 * time.Microsecond, ms, ms, 2 * ms, 3 * ms, 4 * ms, 0},
		Lost:     10, Missed: 3, Doubled: 1, Disordered: 2, Altered: 1,
		Differences: []string{"lost: loadax0x1 was not told messages 3 to 12 of loadax0x0", "altered: loadax0x1 was told \"<b>\" by eve, who has not said that"},
		Troubles:    []Trouble{{"rate_limited", 2, hints()["rate_limited"], "loadax0x0: Too many requests."}, {lostKind, 1, hints()[lostKind], "loadax0x9: EOF"}},
		Server:      ServerCost{Known: true, CPU: 4 * time.Second, PerDelivery: 4454, PerRead: 181_818, Memory: 50 << 20, PerConnection: 1950}, Self: 5 * time.Second,
		Distribution: []Step{{0, ms}, {0.5, 3 * ms}, {0.9, 6 * ms}, {0.99, 29 * ms}, {0.999, 33 * ms}, {1, 1234 * ms}}}
	for i := range 10 {
		q := Quantiles{89799, 4 * ms, 3 * ms, 6 * ms, 12 * ms, time.Duration(20+i) * ms, 33 * ms, 40 * ms, 0}
		room.Series = append(room.Series, Point{At: time.Duration(i+1) * time.Second, Length: time.Second, Due: 90, Done: 90, Deliveries: 89799, Delivery: q, Sent: 90, Connections: 1000, Fewest: 999})
	}
	login := Result{Scenario: Scenario{Name: "login", Clients: 50, Window: 20, Duration: time.Second}, Lasted: time.Second, Logins: 4000, Done: 4000,
		Login: Quantiles{4000, 2 * ms, ms, 3 * ms, 3 * ms, 4 * ms, 5 * ms, 6 * ms, 0}, Server: ServerCost{Known: true, CPU: 80 * ms, PerLogin: 20 * time.Microsecond, Memory: 9000}, Self: 90 * ms}
	private := Result{Scenario: Scenario{Name: "private", Clients: 4, Rate: 2.5, Duration: time.Second}, Failed: "this server does not know private sessions"}
	idle := Result{Scenario: Scenario{Name: "idle", Clients: 20000, Duration: time.Minute}, Failed: "interrupted"}
	r := &Report{Target: "127.0.0.1:9998", Began: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Interrupted: true,
		Settings: Settings{Seed: 1, FailIf: []string{"p99>20ms", "login.max>10s", "cpu>1s"}, Allow: []string{lostKind}}, Versions: Versions{"parley v1.2.3", "go1.26"},
		Machine: Machine{"linux", "amd64", 2, "<Some> Processor"}, Results: []Result{room, login, private, idle}}
	var thresholds []Threshold
	for _, text := range r.Settings.FailIf {
		t, _ := ParseThreshold(text)
		thresholds = append(thresholds, t)
	}
	r.Judge(thresholds)
	return r
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is different; go test -update writes it again:\n%s", name, diff)
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := fixed().Text(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.golden", b.Bytes())
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	want := fixed()
	if err := want.JSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json.golden", b.Bytes())
	var got Report
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Error(diff)
	}
}

// The page is well-formed, needs nothing from elsewhere, and what others said is
// text in it.
func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := fixed().HTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if foreign := regexp.MustCompile(`(?i)(src|href)\s*=\s*["']?[^"'#> ]+|@import|url\([^)]*`).FindAllString(withoutScripts(page), -1); foreign != nil {
		t.Errorf("the page needs %q", foreign)
	}
	for _, raw := range []string{"<b>", "<Some>", "#000000"} {
		if strings.Contains(withoutScripts(page), raw) {
			t.Errorf("the page has %q", raw)
		}
	}
	for _, has := range []string{"&lt;b&gt;", "Load test of 127.0.0.1:9998", "Delivery latency by percentile", "Connections, at least", "99.9", "p99&gt;20ms", "crossed", "not measured",
		"What the words mean", "p95", "Rate: offered and achieved", "MIT", "&gt;3600s", "(allowed)", "40.0ms*"} {
		if !strings.Contains(page, has) {
			t.Errorf("the page lacks %q", has)
		}
	}
	if verdict, table := strings.Index(page, "2 thresholds are crossed."), strings.Index(page, "<table"); verdict < 0 || verdict > table {
		t.Errorf("the verdict stands at %d, the first table at %d", verdict, table)
	}
	// A picture for each plot, and the data of each for the script.
	figures := strings.Count(page, "<figure>")
	if n := strings.Count(page, "<svg"); n != 4 || figures != n {
		t.Errorf("%d pictures in %d figures, want those of the room, 4", n, figures)
	}
	_, data, _ := strings.Cut(page, `id="plots">`)
	data, _, _ = strings.Cut(data, "</script>")
	var plots []struct {
		Axis   string       `json:"axis"`
		Names  []string     `json:"names"`
		Values [][]*float64 `json:"values"`
	}
	if err := json.Unmarshal([]byte(data), &plots); err != nil || len(plots) != figures {
		t.Fatalf("%v, %d plots in %q", err, len(plots), data)
	}
	for _, p := range plots {
		for _, values := range p.Values {
			if len(p.Values) != len(p.Names)+1 || len(values) != len(p.Values[0]) || len(values) == 0 {
				t.Errorf("%+v", p)
			}
		}
	}
	if size := len(page); size > 200<<10 {
		t.Errorf("the page has %d bytes", size)
	}
	for rest := page; ; {
		at := strings.Index(rest, "<svg")
		if at < 0 {
			break
		}
		end := strings.Index(rest, "</svg>") + len("</svg>")
		dec := xml.NewDecoder(strings.NewReader(rest[at:end]))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("a plot is not XML: %v", err)
			}
		}
		rest = rest[end:]
	}
}

var scripts = regexp.MustCompile(`(?s)<script.*?</script>`)

func withoutScripts(page string) string { return scripts.ReplaceAllString(page, "") }

func TestProgressLine(t *testing.T) {
	g := Progress{Scenario: "room", Phase: "measuring", Elapsed: 3 * time.Second, Duration: 10 * time.Second, Connections: 1000, Clients: 1000, PerSecond: 99876.4,
		Latency: Quantiles{Count: 1, P50: 3 * time.Millisecond, P99: 28 * time.Millisecond}, Troubles: 2}
	if got, want := g.Line(), "room measuring [######..............] 7s left, 1,000/1,000 clients, 99,876/s, p50 3.00ms p99 28.0ms, 2 errors"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := (Progress{Scenario: "idle", Phase: "arriving", Connections: 12, Clients: 20000}).Line(), "idle arriving 12/20,000 clients, 0.0/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNumbers(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0", 999: "999ns", 1000: "1.00µs", 9999: "10.0µs", 99949: "99.9µs", 99960: "100µs", time.Second: "1.00s", 90 * time.Second: "90.0s"} {
		if got := duration(d); got != want {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
