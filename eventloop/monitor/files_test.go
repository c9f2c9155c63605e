package monitor

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"go.yaml.in/yaml/v3"
)

// A dashboard is what a test needs of Grafana's.
type dashboard struct {
	UID, Title string
	Panels     []struct {
		ID                       int
		Type, Title, Description string
		GridPos                  struct{ X, Y, W, H int }
		FieldConfig              struct {
			Defaults struct{ Unit string }
		}
		Targets []struct{ Expr, LegendFormat string }
	}
	Templating struct {
		List []struct{ Name, Type string }
	}
}

// alerts are rules as Prometheus reads them; what it does not know it refuses.
type alerts struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert       string
			Expr        string
			For         string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

// knownSeries returns the labels of each series that there is: also those of the program,
// and of histograms in parts.
func knownSeries(t *testing.T) map[string][]string {
	t.Helper()
	m := open(t, Config{Address: "127.0.0.1:0"})
	m.server.Store(new(Server(&fake{counts: counted()})))
	m.probes[0].lag.Observe(0)
	_, all := get(t, m, "/metrics")
	known := map[string][]string{"up": {"instance", "job"}} // Prometheus's own, of each server that it asks
	for _, found := range regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? `).FindAllStringSubmatch(all, -1) {
		labels := []string{"instance", "job"} // are Prometheus's own
		for _, label := range regexp.MustCompile(`([a-z]+)="`).FindAllStringSubmatch(found[2], -1) {
			labels = append(labels, label[1])
		}
		known[found[1]] = labels
	}
	return known
}

// faults returns what is wrong with an expression: it cannot be read, or is about what
// there is not.
func faults(text string, known map[string][]string) (all []string) {
	expr, err := metricsql.Parse(strings.ReplaceAll(text, "$__rate_interval", "5m"))
	if err != nil {
		return []string{err.Error()}
	}
	names := make(map[string]bool)
	metricsql.VisitAll(expr, func(e metricsql.Expr) {
		series, is := e.(*metricsql.MetricExpr)
		if !is {
			return
		}
		for _, filters := range series.LabelFilterss {
			name := nameIn(filters)
			names[name] = true
			if _, there := known[name]; !there {
				all = append(all, fmt.Sprintf("there is no %q", name))
			}
			for _, f := range filters {
				if f.Label != "__name__" && !slices.Contains(known[name], f.Label) {
					all = append(all, name+" has no label "+f.Label)
				}
			}
		}
	})
	if len(names) == 0 {
		all = append(all, "it is about nothing")
	}
	metricsql.VisitAll(expr, func(e metricsql.Expr) {
		sum, is := e.(*metricsql.AggrFuncExpr)
		if !is {
			return
		}
		for _, label := range sum.Modifier.Args {
			for name := range names {
				if !slices.Contains(known[name], label) {
					all = append(all, name+" has no label "+label)
				}
			}
		}
	})
	return all
}

// nameIn returns the name of the series that filters are about.
func nameIn(filters []metricsql.LabelFilter) string {
	for _, f := range filters {
		if f.Label == "__name__" {
			return f.Value
		}
	}
	return ""
}

// Every panel of the dashboard shows what there is, in a unit, and covers no other.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if d.UID == "" || d.Title == "" || len(d.Panels) == 0 || len(d.Templating.List) != 2 {
		t.Errorf("it lacks something: %+v", d)
	}
	known, ids, taken := knownSeries(t), make(map[int]bool), make(map[[2]int]string)
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d %q lacks something, or has another one's id", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x > 23 {
					t.Fatalf("%q lies on %q, or beside the page", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, target := range p.Targets {
			for _, fault := range faults(target.Expr, known) {
				t.Errorf("%s: %s: %s", p.Title, target.Expr, fault)
			}
			if !strings.Contains(target.Expr, `{instance=~"$instance"`) {
				t.Errorf("%q does not look at the instance that was chosen: %s", p.Title, target.Expr)
			}
		}
	}
}

// Every alert is about what there is, and says what to do.
func TestAlerts(t *testing.T) {
	f, err := os.Open("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read := yaml.NewDecoder(f)
	read.KnownFields(true)
	var all alerts
	if err := read.Decode(&all); err != nil {
		t.Fatal(err)
	}
	known, seen := knownSeries(t), make(map[string]bool)
	for _, group := range all.Groups {
		for _, r := range group.Rules {
			for _, fault := range faults(r.Expr, known) {
				t.Errorf("%s: %s: %s", r.Alert, r.Expr, fault)
			}
			if seen[r.Alert] || !strings.HasPrefix(r.Alert, "Parley") {
				t.Errorf("%q is the name of another one, or none", r.Alert)
			}
			seen[r.Alert] = true
			if _, err := time.ParseDuration(r.For); err != nil {
				t.Errorf("%s: %v", r.Alert, err)
			}
			if s := r.Labels["severity"]; s != "page" && s != "ticket" {
				t.Errorf("%s: the severity is %q", r.Alert, s)
			}
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s does not say what to do", r.Alert)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("there are %d alerts", len(seen))
	}
}

// Prometheus raises the alerts in the cases that are written down for it.
func TestAlertsAreRaised(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here; it comes with Prometheus")
	}
	if out, err := exec.Command(promtool, "test", "rules", "testdata/alerts_test.yaml").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// The alert for one server that is gone asks for the job that the file tells to make.
func TestAlertsKnowTheirJob(t *testing.T) {
	text, err := os.ReadFile("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job := regexp.MustCompile(`(?m)^#.* job_name: (\w+)$`).FindSubmatch(text)
	if job == nil || !strings.Contains(string(text), fmt.Sprintf(`expr: up{job="%s"} == 0`, job[1])) {
		t.Errorf("no alert is about a server of the job %q that is gone", job)
	}
}

// The check of expressions finds what is wrong.
func TestFaultsAreFound(t *testing.T) {
	known := map[string][]string{"parley_up": {"instance"}, "parley_logins_total": {"instance", "kind"}}
	for expr, good := range map[string]bool{
		"parley_up == 0": true,
		`sum by (kind) (rate(parley_logins_total{kind="guest"}[5m]))`:        true,
		`rate(parley_logins_total{instance=~"$instance"}[$__rate_interval])`: true,
		"parley_down == 0":                    false,
		"parley_up == 0 or parley_down":       false,
		`parley_up{kind="guest"}`:             false,
		`sum by (room) (parley_logins_total)`: false,
		"rate(parley_logins_total[5m]":        false,
		"1":                                   false,
		`{kind="guest"}`:                      false,
	} {
		if found := faults(expr, known); (len(found) == 0) != good {
			t.Errorf("%s: found is %v", expr, found)
		}
	}
}
